"""The durable fix of an Application that somebody else declares: a diff, a commit, or a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from probes.model import ProbeError
from remedies.git.durable import Declared, change_in, declared_in, guessed
from remedies.git.steps import (
    behind,
    branch_for,
    commit_step,
    push_words,
    save_step,
)
from remedies.model import Refusal, RefusedError, RemedyId, Step
from remedies.parameter.helm import Edit
from remedies.parameter.managed import Managed
from remedies.world import World

_GUESSED = (
    "the change for Git is told by the live parameters, and is no diff of the file, which was not "
    "read; `git_clone` in the profile, or `clone=PATH`, takes that of a local clone"
)


@dataclass(frozen=True, slots=True)
class GitFix:
    """`steps` where something is to be done with it here, `notes` to be said of it before.

    `then` is what others have to do until it takes effect.
    """

    diff: str = ""
    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()
    then: str = ""


async def git_fix(
    world: World,
    there: Managed,
    edit: Edit,
    remedy: RemedyId,
    options: Mapping[str, str],
    plan_id: str,
) -> GitFix:
    """What there is of it, and what is asked. Options `clone`, `branch`, `save`.

    Raises RefusedError (no manifest, another repository, a dirty tree later, …), ProbeError.
    """
    asked = [name for name in ("clone", "save") if name in options]
    if there.seen.owner.startswith("ApplicationSet/"):
        told = f"{there.owner} makes this Application: the durable fix belongs in its template"
        if asked:
            raise RefusedError(Refusal.NOT_APPLICABLE, told)
        return GitFix(notes=(told,))
    if not (asked or there.owner):
        return GitFix()
    declared = await declared_in(world, there.application)
    if "clone" in options:
        return await _in_clone(there, edit, remedy, options, plan_id, declared)
    if not asked and world.profile.git_clone:
        return await _seen_in(str(world.profile.git_clone), declared, there, edit)
    diff = guessed(edit, declared, there.seen.name)
    if not asked:
        return GitFix(diff, notes=(_GUESSED,) if diff else ())
    if not diff:
        told = "the live parameter has the value already; `clone=PATH` looks whether Git has it"
        raise RefusedError(Refusal.NOTHING_TO_DO, told)
    step = save_step(options["save"], f"{diff}\n")
    return GitFix(diff, (step,), (_GUESSED,), f"the change to be made on {_branch(declared)}")


async def _seen_in(clone: str, declared: Declared, there: Managed, edit: Edit) -> GitFix:
    """The diff of the profile's clone, to be shown only; it stands in no live edit's way."""
    try:
        change = await change_in(clone, declared, there.seen.name, edit)
    except RefusedError as error:
        return GitFix(guessed(edit, declared, there.seen.name), notes=(f"for Git: {error}",))
    except ProbeError as error:
        told = f"for Git: {error.failure.sentence}"
        return GitFix(guessed(edit, declared, there.seen.name), notes=(told,))
    return GitFix(change.diff.rstrip("\n"))


async def _in_clone(
    there: Managed,
    edit: Edit,
    remedy: RemedyId,
    options: Mapping[str, str],
    plan_id: str,
    declared: Declared,
) -> GitFix:
    change = await change_in(options["clone"], declared, there.seen.name, edit)
    branch = await branch_for(change, remedy, options.get("branch", ""))
    message = f"Set {edit.name} of {there.seen.name}\n\nTo {edit.value}"
    steps = [commit_step(change, branch, message, plan_id)]
    if "save" in options:
        steps.append(save_step(options["save"], change.diff))
    push = push_words(change.clone, branch)
    then = f"branch {branch} to be pushed (`{push}`) and merged into {_branch(declared)}"
    notes = tuple(filter(None, (behind(change, declared),)))
    return GitFix(change.diff.rstrip("\n"), tuple(steps), notes, then)


def _branch(declared: Declared) -> str:
    return declared.branch or "the branch that Argo CD tracks"
