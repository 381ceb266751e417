"""Reading an Application's raw JSON to its end: sources, resources, history. Pure."""

from __future__ import annotations

from probes.application.owner import sync_policy
from probes.application.reading import cluster_of, without_user
from probes.application.sources import sources_of
from probes.model import (
    ApplicationDetail,
    ApplicationSeen,
    ResourceSeen,
    RevisionSeen,
    SourceSeen,
    ValueShown,
)
from probes.rawjson import Obj, mapping, moment, objects, text
from probes.secrecy import shown
from probes.text import safe_text


def application_detail(obj: Obj, seen: ApplicationSeen) -> ApplicationDetail:
    """The whole of it; `seen` is what the sweep keeps of the same object."""
    status = mapping(obj, "status")
    operation = mapping(status, "operationState")
    return ApplicationDetail(
        seen=seen,
        destination=_destination(obj),
        sync_options=_texts(sync_policy(obj), "syncOptions"),
        operation_by=_initiator(mapping(mapping(operation, "operation"), "initiatedBy")),
        operation_started_at=moment(operation.get("startedAt")),
        sources=_sources(obj, mapping(status, "sync")),
        resources=tuple(_resource(one) for one in objects(status, "resources")),
        history=tuple(_revision(one) for one in reversed(objects(status, "history"))),
        images=_texts(mapping(status, "summary"), "images"),
    )


def _destination(obj: Obj) -> str:
    goes_to = mapping(mapping(obj, "spec"), "destination")
    return f"namespace {text(goes_to, 'namespace') or '-'} of {cluster_of(obj) or '-'}"


def _sources(application: Obj, sync: Obj) -> tuple[SourceSeen, ...]:
    several = sources_of(application)
    revisions = _texts(sync, "revisions") or (text(sync, "revision"),)
    found = (*revisions, *[""] * len(several))
    return tuple(_source(one, at) for one, at in zip(several, found, strict=False))


def _source(one: Obj, revision: str) -> SourceSeen:
    helm = mapping(one, "helm")
    return SourceSeen(
        repo_url=without_user(text(one, "repoURL")),
        path=text(one, "path") or text(one, "chart"),
        target_revision=text(one, "targetRevision"),
        revision=revision,
        value_files=_texts(helm, "valueFiles"),
        parameters=tuple(_parameter(each) for each in objects(helm, "parameters")),
    )


def _parameter(one: Obj) -> ValueShown:
    return shown(text(one, "name"), str(one.get("value", "")))


def _resource(one: Obj) -> ResourceSeen:
    health = mapping(one, "health")
    return ResourceSeen(
        kind=text(one, "kind"),
        namespace=text(one, "namespace"),
        name=text(one, "name"),
        sync=text(one, "status"),
        health=text(health, "status"),
        message=text(health, "message"),
        prunes=one.get("requiresPruning") is True,
    )


def _revision(one: Obj) -> RevisionSeen:
    sources = objects(one, "sources") or (mapping(one, "source"),)
    return RevisionSeen(
        id=safe_text(str(one.get("id", ""))),
        revision=text(one, "revision") or ", ".join(_texts(one, "revisions")),
        deployed_at=moment(one.get("deployedAt")),
        by=_initiator(mapping(one, "initiatedBy")),
        source=", ".join(filter(None, map(_place, sources))),
    )


def _place(source: Obj) -> str:
    where = text(source, "path") or text(source, "chart")
    return f"{without_user(text(source, 'repoURL'))} {where}".strip()


def _initiator(by: Obj) -> str:
    return "automated" if by.get("automated") is True else text(by, "username")


def _texts(obj: Obj, key: str) -> tuple[str, ...]:
    found = obj.get(key)
    return tuple(safe_text(str(one)) for one in found) if isinstance(found, list) else ()
