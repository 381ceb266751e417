"""The durable fix: the change of the file that declares the Application, for Git.

The file lies where the owner of the Application takes it from. With a clone at hand it is a diff of
that very file; without one the entry is told as the live parameters make it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from probes.application.owner import owner_of
from probes.application.sources import identity, sources_of
from probes.model import ProbeError
from probes.rawjson import Obj, mapping, text
from probes.secrecy import shown
from remedies.application.syncing import application_ref
from remedies.git.clone import Clone, file_of
from remedies.git.manifest import ManifestError, declares, edited, parameters_in
from remedies.model import ObjectRef, Refusal, RefusedError
from remedies.parameter.helm import ONLY_SOURCE, Edit, hides, told
from remedies.performing.objects import read
from remedies.world import World

_FOLDER = "k8s/argocd/apps/prod"
"""Where upstream keeps the manifests of its Applications."""

_MOST_FILES = 50


@dataclass(frozen=True, slots=True)
class Declared:
    """Where an Application is declared: repository, branch, folder, and the commit Argo CD has."""

    repository: str
    branch: str
    folder: str
    revision: str


@dataclass(frozen=True, slots=True)
class FileChange:
    """The change of one file of a clone. `ref` stands for the branch, `base` is its commit."""

    clone: Clone
    ref: str
    base: str
    path: str
    blob: str
    before: str
    after: str
    hidden: tuple[str, ...]
    """Secrets in the file, which no diff may show."""

    @property
    def diff(self) -> str:
        """The unified diff; without lines around it where these would show a secret."""
        whole = self._unified(3)
        bare = self._unified(0)
        return bare if any(one in whole for one in self.hidden) else whole

    def _unified(self, around: int) -> str:
        before, after = (one.splitlines(keepends=True) for one in (self.before, self.after))
        names = f"a/{self.path}", f"b/{self.path}"
        lines = difflib.unified_diff(before, after, *names, n=around)
        return "".join(one if one.endswith("\n") else f"{one}\n{_NO_END}\n" for one in lines)

    @property
    def hunk(self) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
        """First line, the lines that go, and those that come."""
        before, after = (one.splitlines(keepends=True) for one in (self.before, self.after))
        matched = difflib.SequenceMatcher(None, before, after, autojunk=False)
        changes = [one for one in matched.get_opcodes() if one[0] != "equal"]
        (_, first, _, begin, _), (_, _, last, _, end) = changes[0], changes[-1]
        return first + 1, tuple(before[first:last]), tuple(after[begin:end])


_NO_END = "\\ No newline at end of file"


def owner_ref(application: Obj) -> ObjectRef | None:
    """The Application that manages this one; None where there is none, or it is a set."""
    owner = owner_of(application)
    if owner is None or owner.kind != "Application":
        return None
    home = owner.namespace or text(mapping(application, "metadata"), "namespace")
    return application_ref(home, owner.name)


async def declared_in(world: World, application: Obj) -> Declared:
    """By the owner's source; by its own where nobody else is known to manage it."""
    ref = owner_ref(application)
    owner = None
    if ref is not None:
        try:
            owner = await read(world, ref)
        except ProbeError:
            owner = None
    found = owner or application
    status = mapping(found, "status")
    source = sources_of(found)[0]
    return Declared(
        repository=text(source, "repoURL"),
        branch=text(source, "targetRevision"),
        folder=text(source, "path") if owner else _FOLDER,
        revision=text(mapping(status, "sync"), "revision"),
    )


def guessed(edit: Edit, declared: Declared, application: str) -> str:
    """The entry in its place, as YAML; empty where the live one is so already.

    No patch: without the file nobody knows its name, its quotes or its lines.
    """
    if edit.is_so:
        return ""
    now = edit.parameters.value(edit.name)
    is_now = "is not set" if now is None else f"is {shown(edit.name, now).text or '(empty)'}"
    folder, branch = declared.folder or _FOLDER, declared.branch or "the tracked branch"
    return "\n".join(
        (
            f"# In the file of {folder} that declares Application {application}, on {branch}:",
            f"# set this one parameter (live it {is_now}), and leave the others as they are.",
            *_placed(edit),
        )
    )


def _placed(edit: Edit) -> Iterator[str]:
    """The entry beneath the keys that lead to it."""
    source = edit.parameters.raw
    of_several = edit.parameters.source != ONLY_SOURCE
    yield from ("spec:", "  sources:" if of_several else "  source:")
    indent = "      " if of_several else "    "
    if of_several:
        key = next((one for one in ("path", "chart") if source.get(one)), "repoURL")
        yield f"    - {key}: {text(source, key)}"
    yield from (f"{indent}helm:", f"{indent}  parameters:")
    yield from (f"{indent}    {line}" for line in told([edit.changed]).splitlines())


async def change_in(path: str, declared: Declared, application: str, edit: Edit) -> FileChange:
    """The change of the file that declares the Application, at the tip of the branch it tracks.

    Raises RefusedError (another repository, no such file, no safe edit, there already), ProbeError.
    """
    clone = await Clone.open(path, declared.repository)
    ref, base = await clone.tracked(declared.branch)
    name, blob, before = await _manifest(clone, base, declared.folder, application)
    try:
        source = identity(edit.parameters.raw)
        after = edited(before, application, edit.name, edit.value, source)
        entries = parameters_in(before, application, source)
    except ManifestError as error:
        raise RefusedError(Refusal.GUARD, f"{name} of {clone.folder}: {error}") from error
    if after == before:
        sentence = f"{name} has it already at {ref} ({base[:12]}): Argo CD has yet to take it over"
        raise RefusedError(Refusal.NOTHING_TO_DO, f"{sentence} (refresh-application)")
    hidden = tuple(str(one.get("value")) for one in entries if hides(one))
    return FileChange(clone, ref, base, name, blob, before, after, hidden)


async def _manifest(clone: Clone, base: str, folder: str, application: str) -> tuple[str, str, str]:
    """Path, id and text of the one file that declares the Application. Raises RefusedError."""
    names = await clone.files_with(base, application)
    found = []
    for name in names[:_MOST_FILES]:
        with suppress(RefusedError, ProbeError):  # too large, or no text: no manifest
            _, blob, content = await file_of(clone.folder, base, name)
            if declares(content, application):
                found.append((name, blob, content))
    near = [one for one in found if folder and one[0].startswith(f"{folder.strip('/')}/")]
    chosen = near or found
    if len(chosen) == 1:
        return chosen[0]
    listed = ", ".join(one[0] for one in chosen) or "none"
    told_of = f"Application {application} must be declared in one file of {clone.folder}"
    raise RefusedError(Refusal.GUARD, f"{told_of} at {base[:12]}, and is in: {listed}")
