"""The helm parameters of an Application as the cluster stores it, and one change of them. Pure.

They are a list: whatever replaces it replaces `image.tag`, too. So one entry is changed, and the
patch tests the whole list as it was seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from probes.application.sources import (
    charts_of,
    inline,
    inline_key,
    kinds_of,
    meant,
    sources_of,
)
from probes.rawjson import Obj, mapping, name_of, objects, text
from probes.secrecy import looks_secret, passwords_in, shown
from probes.text import HIDDEN, safe_text
from remedies.model import Absent, Field, Refusal, RefusedError
from remedies.performing.objects import at

ONLY_SOURCE = "/spec/source"
"""Where the source is that has no others beside it."""

_LONG = 2_000


@dataclass(frozen=True, slots=True)
class Parameters:
    """The list of the source `raw`; `entries` is None where it has no such list."""

    source: str
    """JSON pointer of the source that has them: `/spec/source`, `/spec/sources/0`."""

    raw: Obj

    @property
    def entries(self) -> tuple[Obj, ...] | None:
        """The list as it stands there."""
        helm = mapping(self.raw, "helm")
        return objects(helm, "parameters") if isinstance(helm.get("parameters"), list) else None

    @property
    def has_helm(self) -> bool:
        """Whether there is a place for the list."""
        return isinstance(self.raw.get("helm"), Mapping)

    @property
    def pointer(self) -> str:
        """Where the list is, or would be."""
        return f"{self.source}/helm/parameters"

    def place(self, name: str) -> int | None:
        """Where in the list the entry of that name is; of several the last one wins, as in helm."""
        entries = self.entries or ()
        found = [place for place, one in enumerate(entries) if one.get("name") == name]
        return found[-1] if found else None

    def value(self, name: str) -> str | None:
        """What the source sets under that name: by a parameter, else by its inline values."""
        place = self.place(name)
        if place is None:
            return inline(self.raw, name)
        return str((self.entries or ())[place].get("value", ""))

    def beneath(self, name: str) -> str:
        """What a parameter of that name overrides, in words; empty where it is there already."""
        value = inline(self.raw, name)
        if value is None or self.place(name) is not None:
            return ""
        return (
            f"the parameter overrides {shown(name, value).text or '(empty)'}, which "
            f"`{inline_key(self.raw)}` of the Application's source sets and goes on to say"
        )


def parameters_of(application: Obj, name: str, workload: str, said: str = "") -> Parameters:
    """Those of the source that makes the workload; `said` is its number, counted from 1.

    Raises RefusedError where no source is helm's (there a parameter does nothing), and where it
    cannot be told which of several is meant.
    """
    sources = sources_of(application)
    place = _chosen(application, name, workload, said)
    pointer = (
        f"/spec/sources/{place}" if mapping(application, "spec").get("sources") else ONLY_SOURCE
    )
    return Parameters(pointer, sources[place])


def _chosen(application: Obj, name: str, workload: str, said: str) -> int:
    charts = charts_of(application)
    if not charts:
        kind = next(filter(None, kinds_of(application)), "unknown")
        told = f"the source of Application {name_of(application)} is of type {kind}"
        told += ", and takes no helm parameters: make the change in Git"
        raise RefusedError(Refusal.NOT_APPLICABLE, told)
    found = charts if said else meant(application, workload, name)
    if said in (numbers := [str(one + 1) for one in charts]):
        return charts[numbers.index(said)]
    if not said and len(found) == 1:
        return found[0]
    sources = sources_of(application)
    listed = ", ".join(f"{one + 1} ({_told(sources[one])})" for one in found)
    told = f"`source={safe_text(said)}` is none of them" if said else "say which with `source=N`"
    made = f"Application {name_of(application)} has several charts that may be {workload}'s"
    raise RefusedError(Refusal.GUARD, f"{made}: {listed}; {told}")


def _told(source: Obj) -> str:
    return text(source, "chart") or text(source, "path") or text(source, "repoURL")


@dataclass(frozen=True, slots=True)
class Edit:
    """One parameter set to a value, with what it is bound to and the way back."""

    parameters: Parameters
    name: str
    value: str

    @property
    def entry(self) -> dict[str, Any]:
        """The entry of a new parameter."""
        return {"name": self.name, "value": self.value} | self._forced

    @property
    def _forced(self) -> dict[str, Any]:
        return {"forceString": True} if wants_force(self.value) else {}

    @property
    def after(self) -> tuple[Obj, ...]:
        """The whole list as it will be."""
        before, place = self.parameters.entries or (), self.parameters.place(self.name)
        if place is None:
            return (*before, self.changed)
        return (*before[:place], self.changed, *before[place + 1 :])

    @property
    def changed(self) -> Obj:
        """The one entry as it will be."""
        before, place = self.parameters.entries or (), self.parameters.place(self.name)
        return self.entry if place is None else {**before[place], **self.entry}

    @property
    def is_so(self) -> bool:
        """Whether the source sets it already, by a parameter or by its inline values."""
        return self.parameters.value(self.name) == self.value

    @property
    def kept(self) -> tuple[Field, ...]:
        """What must stay until it is synced: what is written, or the value that is there."""
        if not self.is_so:
            return self.wanted
        place = self.parameters.place(self.name)
        pointer = f"{self.parameters.pointer}/{place}/value"
        entries = self.parameters.entries or ()
        return () if place is None else (Field(pointer, entries[place].get("value")),)

    @property
    def expected(self) -> tuple[Field, ...]:
        """What must still be so."""
        if self.parameters.entries is None:
            return (Field(self._hook[0], Absent()),)
        return _bound(self.parameters.pointer, self.parameters.entries)

    @property
    def wanted(self) -> tuple[Field, ...]:
        """What is changed, and nothing else."""
        if self.parameters.entries is None:
            return (Field(*self._hook),)
        place = self.parameters.place(self.name)
        if place is None:
            return (Field(f"{self.parameters.pointer}/{len(self.parameters.entries)}", self.entry),)
        entry = f"{self.parameters.pointer}/{place}"
        keys = ("value", *self._forced)
        return tuple(Field(f"{entry}/{key}", self.after[place][key]) for key in keys)

    @property
    def left(self) -> tuple[Field, ...]:
        """What the way back is bound to: the list as we leave it."""
        if self.parameters.entries is None:
            return self.wanted
        return _bound(self.parameters.pointer, self.after)

    @property
    def back(self) -> tuple[Field, ...]:
        """What was there before, field by field."""
        before = {"helm": {"parameters": list(self.parameters.entries or ())}}
        start = f"{self.parameters.source}/helm/parameters"
        return tuple(
            Field(one.pointer, at(before, f"/helm/parameters{one.pointer.removeprefix(start)}"))
            if one.pointer.startswith(f"{start}/")
            else Field(one.pointer, Absent())
            for one in self.wanted
        )

    @property
    def _hook(self) -> tuple[str, Any]:
        """Where a list that is not there yet begins to be, and what it is."""
        if self.parameters.has_helm:
            return self.parameters.pointer, [self.entry]
        return f"{self.parameters.source}/helm", {"parameters": [self.entry]}


def wants_force(value: str) -> bool:
    """Whether helm would take it for something else than a string: `true`, `1`, `null`."""
    try:
        return not isinstance(yaml.safe_load(value), str)
    except yaml.YAMLError:
        return False


def hides(entry: Obj) -> bool:
    """Whether its value is a secret, or has one in it: no plan may hold that."""
    value = str(entry.get("value", ""))
    return looks_secret(text(entry, "name"), value) or any(passwords_in(value))


def told(entries: Sequence[Obj]) -> str:
    """The list as YAML, fit to show: a secret is hidden."""
    shown = [_shown(one) for one in entries]
    return yaml.safe_dump(shown, sort_keys=False, allow_unicode=True, width=_LONG) if shown else ""


def _shown(entry: Obj) -> dict[str, Any]:
    safe = {
        key: safe_text(one, _LONG) if isinstance(one, str) else one for key, one in entry.items()
    }
    return safe | {"value": HIDDEN} if hides(entry) else safe


def _bound(pointer: str, entries: Sequence[Obj]) -> tuple[Field, ...]:
    """The whole list; where it holds a secret, everything of it but that."""
    if not any(map(hides, entries)):
        return (Field(pointer, [dict(one) for one in entries]),)
    return tuple(
        Field(f"{pointer}/{place}/name", one.get("name"))
        if hides(one)
        else Field(f"{pointer}/{place}", dict(one))
        for place, one in enumerate(entries)
    )
