"""A local clone of the repository that declares the Applications: what it has, read and no more."""

from __future__ import annotations

import os
from dataclasses import dataclass

from probes.model import ProbeError
from probes.text import safe_text
from remedies.git.commands import asked, git, same_repository
from remedies.model import Refusal, RefusedError

TRAILER = "Opsportal-Plan"
"""Of the commit message: tells a commit apart as a plan's."""

_HEADS = "refs/heads/"
_LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Clone:
    """`folder` is its top; `remote` is the one that is the repository asked for."""

    folder: str
    remote: str

    @classmethod
    async def open(cls, path: str, repository: str) -> Clone:
        """The clone at a path. Raises RefusedError where it is none, or of another repository."""
        try:
            said = await git(_home(path), "rev-parse", "--show-toplevel")
        except ProbeError as error:
            told = f"{safe_text(path)} is no clone to commit to: {error.failure.sentence}"
            raise RefusedError(Refusal.GUARD, told) from error
        folder = said.strip()
        listed = await asked(folder, "config", "--get-regexp", r"^remote\..*\.url$")
        remotes = dict(line.split(" ", 1) for line in listed.splitlines())
        for key, url in remotes.items():
            if same_repository(url, repository):
                return cls(folder, key.removeprefix("remote.").removesuffix(".url"))
        there = ", ".join(_shown(url) for url in remotes.values()) or "none at all"
        told = f"{folder} is a clone of {there}, and not of {_shown(repository)}"
        raise RefusedError(Refusal.GUARD, told)

    async def tracked(self, branch: str) -> tuple[str, str]:
        """The ref that stands for the repository's branch, and its commit. Raises RefusedError."""
        name = branch or "HEAD"
        for ref in (f"refs/remotes/{self.remote}/{name}", f"{_HEADS}{name}"):
            commit = await commit_of(self.folder, ref)
            if commit:
                return ref, commit
        told = f"{self.folder} has no branch {name} of {self.remote}: fetch it first"
        raise RefusedError(Refusal.GUARD, told)

    async def files_with(self, commit: str, text: str) -> tuple[str, ...]:
        """The YAML files of a commit that have that text in them."""
        patterns = ("*.yaml", "*.yml")
        wanted = ("grep", "-l", "-z", "-F", "-e", text, commit, "--", *patterns)
        listed = await asked(self.folder, *wanted)
        return tuple(one.removeprefix(f"{commit}:") for one in listed.split("\0") if one)


def _home(path: str) -> str:
    """`~` is the person's own folder, as a shell has it."""
    return os.path.expanduser(path)


def _shown(url: str) -> str:
    """Without the user and the password that some people put into it."""
    scheme, found, rest = url.rpartition("://")
    return safe_text(f"{scheme}{found}{rest.rpartition('@')[2]}" if found else rest)


async def commit_of(folder: str, ref: str) -> str:
    """The commit that a ref points to; empty where there is none."""
    return await asked(folder, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")


async def dirt(folder: str) -> str:
    """What of the working tree is changed and not committed, in words; empty where nothing is."""
    listed = await git(folder, "status", "--porcelain", "-z", "--untracked-files=no")
    changed = [safe_text(one[3:]) for one in listed.split("\0") if one]
    more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
    return ", ".join(changed[:3]) + more


async def file_of(folder: str, commit: str, path: str) -> tuple[str, str, str]:
    """Mode, id and text of a file of a commit. Raises ProbeError; RefusedError for a large one."""
    entry = (await git(folder, "ls-tree", "-z", "--full-tree", commit, "--", path)).rstrip("\0")
    mode, _, blob = entry.partition("\t")[0].split(" ") if entry else ("", "", "")
    if not blob:
        raise RefusedError(Refusal.STALE, f"{path} is not in commit {commit[:12]}")
    if int(await git(folder, "cat-file", "-s", blob)) > _LARGEST:
        raise RefusedError(Refusal.GUARD, f"{path} is too large to be an Application's manifest")
    return mode, blob, await git(folder, "cat-file", "blob", blob)


@dataclass(frozen=True, slots=True)
class Tip:
    """The commit a branch points to, with its parents and its message."""

    commit: str
    parents: tuple[str, ...]
    message: str

    def is_ours(self, base: str, id: str) -> bool:
        """Whether it is that plan's commit, right on top of the base."""
        return self.parents == (base,) and f"{TRAILER}: {id}" in self.message.splitlines()


async def tip_of(folder: str, branch: str) -> Tip | None:
    """The tip of a local branch, or None where there is no such branch."""
    commit = await commit_of(folder, f"{_HEADS}{branch}")
    if not commit:
        return None
    told = await git(folder, "log", "-1", "--format=%P%n%B", commit)
    parents, _, message = told.partition("\n")
    return Tip(commit, tuple(parents.split()), message)


async def may_commit(folder: str) -> str:
    """Why git would not commit here: it does not know who does; empty where it does."""
    try:
        await git(folder, "var", "GIT_COMMITTER_IDENT")
    except ProbeError as error:
        return f"{error.failure.sentence}: set user.name and user.email in {folder}"
    return ""
