"""Performing a commit in a local clone, and the deletion of its branch.

The commit is made beside the working tree, with an index of its own: nothing that is checked out
changes, and the branch is there at once or not at all.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from probes.model import ProbeError
from probes.reach.guard import require_permit
from remedies.git.clone import TRAILER, commit_of, dirt, file_of, may_commit, tip_of
from remedies.git.commands import git
from remedies.model import CommitToClone, DeleteBranch, RefusedError
from remedies.performing.base import Seen, Standing, StepError, Tell
from remedies.world import World

_ABSENT = ""
"""The old value of a ref that must not be there yet (git-update-ref(1))."""


class CommitPerformer:
    """Performs `CommitToClone`."""

    async def look(self, world: World, action: CommitToClone) -> Seen:
        """Done where the branch has the change on top of the base; stale where the base moved."""
        tip = await tip_of(action.clone, action.branch)
        if tip is not None:
            if tip.is_ours(action.base, action.id):
                return Seen(Standing.DONE, f"branch {action.branch} has it")
            told = f"{action.clone} has a branch {action.branch} already that is not this plan's"
            return Seen(Standing.STALE, told)
        if await commit_of(action.clone, action.tracked) != action.base:
            return Seen(Standing.STALE, f"{action.tracked} of {action.clone} has moved on")
        changed = await dirt(action.clone)
        if changed:
            told = f"{action.clone} has changes that are not committed: {changed}"
            return Seen(Standing.STALE, told)
        return Seen(Standing.FRESH)

    async def rehearse(self, world: World, action: CommitToClone) -> str:
        """Whether git knows who commits, and the file is as it was seen."""
        return await may_commit(action.clone) or (await _after(action))[0]

    async def perform(self, world: World, action: CommitToClone, tell: Tell) -> str:
        """Blob, tree, commit and, last, the branch that makes them count."""
        require_permit("git commit")
        why, mode, text = await _after(action)
        if why:
            raise StepError(why, certain=True)
        commit = await _committed(action, mode, text)
        ref = f"refs/heads/{action.branch}"
        await git(action.clone, "update-ref", "-m", "opsportal-tui", ref, commit, _ABSENT)
        return f"committed {commit[:12]} to branch {action.branch} of {action.clone}"


async def _after(action: CommitToClone) -> tuple[str, str, str]:
    """Why it cannot be, or empty; the file's mode; its text with the change in it."""
    try:
        mode, blob, text = await file_of(action.clone, action.base, action.path)
    except RefusedError as error:
        return str(error), "", ""
    lines = text.splitlines(keepends=True)
    start = action.line - 1
    end = start + len(action.old)
    if blob != action.blob or tuple(lines[start:end]) != action.old:
        return f"{action.path} of {action.clone} is not as it was seen", "", ""
    return "", mode, "".join((*lines[:start], *action.new, *lines[end:]))


async def _committed(action: CommitToClone, mode: str, text: str) -> str:
    clone = action.clone
    blob = await git(clone, "hash-object", "-w", "--no-filters", "--stdin", stdin=text)
    with TemporaryDirectory(prefix="opsportal-tui-") as folder:
        index = str(Path(folder) / "index")
        await git(clone, "read-tree", action.base, index=index)
        entry = f"{mode},{blob.strip()},{action.path}"
        await git(clone, "update-index", "--cacheinfo", entry, index=index)
        tree = (await git(clone, "write-tree", index=index)).strip()
    message = f"{action.message}\n\n{TRAILER}: {action.id}\n"
    wanted = ("commit-tree", tree, "-p", action.base, "-F", "-")
    return (await git(clone, *wanted, stdin=message)).strip()


class DeleteBranchPerformer:
    """Performs `DeleteBranch`."""

    async def look(self, world: World, action: DeleteBranch) -> Seen:
        """Done where there is no such branch; stale where it is not our commit alone."""
        tip = await tip_of(action.clone, action.branch)
        if tip is None:
            return Seen(Standing.DONE, f"there is no branch {action.branch}")
        if tip.is_ours(action.base, action.id):
            return Seen(Standing.FRESH)
        told = f"branch {action.branch} of {action.clone} is no longer this plan's commit alone"
        return Seen(Standing.STALE, told)

    async def rehearse(self, world: World, action: DeleteBranch) -> str:
        """git has no dry run of it."""
        return ""

    async def perform(self, world: World, action: DeleteBranch, tell: Tell) -> str:
        """Delete it; git refuses where it is checked out somewhere."""
        try:
            await git(action.clone, "branch", "-D", "--", action.branch)
        except ProbeError as error:
            raise StepError(error.failure.sentence) from error
        return f"deleted branch {action.branch} of {action.clone}; what was pushed of it stays"
