"""Steps on this machine: the durable fix committed to a local clone, or saved."""

from __future__ import annotations

from pathlib import Path
from shlex import join, quote

from probes.text import safe_text
from remedies.git.clone import TRAILER, Clone, file_of, tip_of
from remedies.git.commands import asked
from remedies.git.durable import Declared, FileChange
from remedies.model import (
    CommitToClone,
    DeleteBranch,
    Refusal,
    RefusedError,
    RemedyId,
    RemoveFile,
    Step,
    WriteFile,
)

_LIMIT_S = 60.0
_MOST = 10
"""Branches of one remedy that nobody has merged and deleted."""

_QUIET = "nothing is interrupted, and nothing is pushed: it takes effect when the branch is merged"


async def branch_for(change: FileChange, remedy: RemedyId, said: str) -> str:
    """A name for the new branch: the one that was said, else the remedy's, with a number if taken.

    Raises RefusedError where a branch has this very change already, where the name that was said
    is taken, and where it is no name of a branch.
    """
    clone = change.clone
    if said and not await asked(clone.folder, "check-ref-format", "--branch", said):
        told = f"`branch={safe_text(said)}` is no name of a branch"
        raise RefusedError(Refusal.NOT_APPLICABLE, told)
    ours = f"opsportal-tui/{remedy}"
    names = (said,) if said else (ours, *(f"{ours}-{number}" for number in range(2, _MOST)))
    for name in names:
        if await tip_of(clone.folder, name) is None:
            return name
        if await _has(change, name):
            push = push_words(clone, name)
            told = f"branch {name} of {clone.folder} has it already; to push it: `{push}`"
            raise RefusedError(Refusal.NOTHING_TO_DO, told)
    told = f"{clone.folder} has a branch {names[-1]} already: name another with `branch=NAME`"
    raise RefusedError(Refusal.GUARD, told)


async def _has(change: FileChange, branch: str) -> bool:
    try:
        _, _, text = await file_of(change.clone.folder, f"refs/heads/{branch}", change.path)
    except RefusedError:
        return False
    return text == change.after


def commit_step(change: FileChange, branch: str, message: str, plan_id: str) -> Step:
    """Commit the change to a new branch, from the commit that the tracked branch points to."""
    clone, (line, old, new) = change.clone, change.hunk
    folder = clone.folder
    base = change.ref.removeprefix("refs/remotes/").removeprefix("refs/heads/")
    return Step(
        id="commit",
        title=f"Commit the change of {change.path} to a new branch {branch} of {folder}",
        action=CommitToClone(
            clone=folder,
            tracked=change.ref,
            base=change.base,
            branch=branch,
            path=change.path,
            blob=change.blob,
            line=line,
            old=old,
            new=new,
            message=message,
            id=plan_id,
        ),
        shell=_by_hand(change, branch, f"{message}\n\n{TRAILER}: {plan_id}"),
        limit_s=_LIMIT_S,
        diff=change.diff,
        risk_words=f"{_QUIET}; what is checked out stays as it is",
        guard=f"{base} is still at {change.base[:12]}, and the working tree has no open changes",
        undo=DeleteBranch(folder, change.base, branch, plan_id),
        undo_words=join(("git", "-C", folder, "branch", "-D", branch)),
        look=join(("git", "-C", folder, "log", "-1", branch)),
    )


def save_step(path: str, diff: str) -> Step:
    """Write the diff to a file. Raises RefusedError where one is there."""
    target = Path(path).expanduser().absolute()
    if target.exists() or target.is_symlink():
        told = f"{target} is there already, and nothing is overwritten: name another file"
        raise RefusedError(Refusal.GUARD, told)
    name = str(target)
    by_hand = f"cat > {quote(name)} <<'EOF'\n{diff}EOF"
    return Step(
        id="save",
        title=f"Save the change for Git as {name}",
        action=WriteFile(name, diff),
        shell=by_hand,
        limit_s=_LIMIT_S,
        risk_words="nothing is interrupted; the file is readable by you alone",
        guard="no such file is there",
        undo=RemoveFile(name, diff),
        undo_words=join(("rm", name)),
        look=join(("ls", "-l", name)),
    )


def push_words(clone: Clone, branch: str) -> str:
    """What brings the branch to where it can be merged."""
    return join(("git", "-C", clone.folder, "push", "-u", clone.remote, branch))


def behind(change: FileChange, declared: Declared) -> str:
    """A warning where Argo CD has another commit than the clone; empty where it has the same."""
    if not declared.revision or declared.revision == change.base:
        return ""
    return (
        f"the clone has {change.ref} at {change.base[:12]}, and Argo CD has synced "
        f"{declared.revision[:12]}: where that is newer, `git -C {quote(change.clone.folder)} "
        f"fetch` and plan again"
    )


def _by_hand(change: FileChange, branch: str, message: str) -> str:
    folder = change.clone.folder
    zero = [] if "\n " in change.diff else ["--unidiff-zero"]
    switch = join(("git", "-C", folder, "switch", "--create", branch, change.base))
    apply = join(("git", "-C", folder, "apply", "--index", *zero, "-"))
    commit = join(("git", "-C", folder, "commit", "-m", message))
    return f"{switch} && {apply} <<'EOF' && {commit}\n{change.diff}EOF"
