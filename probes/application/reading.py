"""Reading an Application's raw JSON into what was seen of it. Pure."""

from __future__ import annotations

from probes.application.owner import sync_policy
from probes.application.sources import meant, settings_of, sources_of
from probes.model import ApplicationSeen, ConditionSeen
from probes.rawjson import Obj, mapping, moment, objects, text
from probes.text import safe_text

_LONG = 2_000


def application_seen(
    obj: Obj, owner: str, owner_self_heals: bool | None, source: str, workload: str = ""
) -> ApplicationSeen:
    """One Application's raw JSON, read; of several sources the workload's."""
    metadata, spec, status = (mapping(obj, part) for part in ("metadata", "spec", "status"))
    sync, health = mapping(status, "sync"), mapping(status, "health")
    operation = mapping(status, "operationState")
    origin, parameters = _source(obj, workload)
    policy = sync_policy(obj)
    automated = mapping(policy, "automated")
    revisions = sync.get("revisions")
    several = ", ".join(map(str, revisions)) if isinstance(revisions, list) else ""
    return ApplicationSeen(
        name=text(metadata, "name"),
        namespace=text(metadata, "namespace"),
        project=text(spec, "project"),
        sync=text(sync, "status") or "Unknown",
        health=text(health, "status") or "Unknown",
        health_message=text(health, "message"),
        parameters=parameters,
        repo_url=without_user(text(origin, "repoURL")),
        target_revision=text(origin, "targetRevision"),
        path=text(origin, "path") or text(origin, "chart"),
        revision=text(sync, "revision") or safe_text(several),
        automated=policy.get("automated") is not None and automated.get("enabled") is not False,
        self_heal=automated.get("selfHeal") is True,
        prune=automated.get("prune") is True,
        operation_phase=text(operation, "phase"),
        operation_message=text(operation, "message"),
        finished_at=moment(operation.get("finishedAt")),
        conditions=_conditions(status),
        out_of_sync=_out_of_sync(status),
        owner=owner,
        owner_self_heals=owner_self_heals,
        source=source,
    )


def _source(application: Obj, workload: str) -> tuple[Obj, dict[str, str]]:
    """The workload's source as far as it can be told, and what it sets."""
    sources = sources_of(application)
    chosen = sources[next(iter(meant(application, workload)), 0)]
    found = settings_of(chosen).items()
    return chosen, {safe_text(name): safe_text(value, _LONG) for name, value in found}


def _conditions(status: Obj) -> tuple[ConditionSeen, ...]:
    """An Application's conditions have a type and a message only: being there is their status."""
    found = objects(status, "conditions")
    return tuple(
        ConditionSeen(text(one, "type"), "True", "", text(one, "message")) for one in found
    )


def _out_of_sync(status: Obj) -> tuple[str, ...]:
    return tuple(
        f"{text(one, 'kind')}/{text(one, 'name')}"
        for one in objects(status, "resources")
        if one.get("status") == "OutOfSync"
    )


def cluster_of(application: Obj) -> str:
    """The cluster it goes to, by its name or its address; empty where it says neither."""
    goes_to = mapping(mapping(application, "spec"), "destination")
    return text(goes_to, "name") or text(goes_to, "server")


def without_user(url: str) -> str:
    """A repository's address without the password that some people put into it."""
    scheme, found, rest = url.partition("://")
    if not found:
        return url
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"
