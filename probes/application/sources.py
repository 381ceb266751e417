"""Which of an Application's sources makes ops-service, and what it sets of its values. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import yaml

from probes.rawjson import Obj, mapping, objects, text

CONFIG = "config"
"""The key of the chart's values that becomes the ConfigMap: `config.PROMETHEUS_URL`."""

_FILES = ("repoURL", "chart", "path", "ref")


def sources_of(application: Obj) -> tuple[Obj, ...]:
    """All of them, in their order."""
    spec = mapping(application, "spec")
    return objects(spec, "sources") or (mapping(spec, "source"),)


def kinds_of(application: Obj) -> Sequence[str]:
    """The type of each source as Argo CD found it out; empty where it has not."""
    status, count = mapping(application, "status"), len(sources_of(application))
    several = status.get("sourceTypes")
    told = [str(one) for one in several] if isinstance(several, list) else []
    told = told or [text(status, "sourceType")] * count
    return [*told, *[""] * count][:count]


def charts_of(application: Obj) -> tuple[int, ...]:
    """The places of those that helm renders; one that only lends its values' files is none."""
    sources, kinds = sources_of(application), kinds_of(application)
    return tuple(
        place
        for place, one in enumerate(sources)
        if kinds[place] in ("Helm", "") and (not one.get("ref") or _is_rendered(one))
    )


def _is_rendered(source: Obj) -> bool:
    return bool(source.get("path") or source.get("chart"))


def meant(application: Obj, workload: str, name: str = "") -> tuple[int, ...]:
    """The places of the charts that may be the workload's: one, where it can be told.

    What tells it is the parameter of that name, a value of that name, or any of `config`; and a
    chart, path or release named like the workload. Where these contradict, all of them may be.
    """
    sources, charts = sources_of(application), charts_of(application)

    def those(fits: Callable[[Obj], bool]) -> set[int]:
        return {place for place in charts if fits(sources[place])}

    setting = (
        those(lambda one: name in _parameters(one))
        or those(lambda one: inline(one, name) is not None)
        or those(_configures)
    )
    named = those(lambda one: workload in _names(one))
    found = (setting & named) or (setting | named) or set(charts)
    return tuple(sorted(found))


def identity(source: Obj) -> tuple[str, ...]:
    """What tells it from the others, in the cluster and in Git alike."""
    release = text(mapping(source, "helm"), "releaseName")
    return (*(text(source, key) for key in _FILES), release)


def settings_of(source: Obj) -> dict[str, str]:
    """By name all helm parameters, and `config` of the inline values, which they outrank."""
    listed = mapping(_values(source), CONFIG)
    beneath = {f"{CONFIG}.{key}": _as_text(value) for key, value in listed.items()}
    return beneath | _parameters(source)


def inline(source: Obj, name: str) -> str | None:
    """What `valuesObject` or `values` has under a dotted name."""
    found: object = _values(source)
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return None if found is None or isinstance(found, dict | list) else _as_text(found)


def inline_key(source: Obj) -> str:
    """Which of the two it has; of both Argo CD takes the first."""
    helm = mapping(source, "helm")
    return next((key for key in ("valuesObject", "values") if helm.get(key)), "")


def _values(source: Obj) -> Obj:
    found = mapping(source, "helm").get(inline_key(source))
    if isinstance(found, str):
        try:
            found = yaml.safe_load(found)
        except yaml.YAMLError:
            found = None
    return found if isinstance(found, dict) else {}


def _parameters(source: Obj) -> dict[str, str]:
    """The last of a name wins, as in helm."""
    found = objects(mapping(source, "helm"), "parameters")
    return {str(one.get("name", "")): str(one.get("value", "")) for one in found}


def _configures(source: Obj) -> bool:
    return any(one.startswith(f"{CONFIG}.") for one in settings_of(source))


def _names(source: Obj) -> tuple[str, ...]:
    release = text(mapping(source, "helm"), "releaseName")
    return release, text(source, "chart"), text(source, "path").rstrip("/").rpartition("/")[2]


def _as_text(value: object) -> str:
    """As helm's templates print it: a boolean is lower case."""
    return value if isinstance(value, str) else json.dumps(value, default=str)
