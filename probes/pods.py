"""Reading a pod's raw JSON (core/v1 Pod) into a `PodSeen`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from probes.model import ContainerSeen, PodSeen
from probes.rawjson import Obj, mapping, moment, objects, text, texts
from probes.text import safe_text

_LIMIT = 1_000
_PROBES = ("startupProbe", "livenessProbe", "readinessProbe")


def pod_seen(obj: Obj) -> PodSeen:
    """One pod; what is missing or of another shape counts as not said."""
    metadata, status = mapping(obj, "metadata"), mapping(obj, "status")
    reason, message = _trouble(status)
    return PodSeen(
        name=text(metadata, "name"),
        namespace=text(metadata, "namespace"),
        phase=text(status, "phase") or "Unknown",
        ready=any(
            one.get("type") == "Ready" and one.get("status") == "True"
            for one in objects(status, "conditions")
        ),
        created_at=moment(metadata.get("creationTimestamp")),
        owner=_owner(metadata),
        labels=texts(mapping(metadata, "labels")),
        annotations=texts(mapping(metadata, "annotations")),
        containers=tuple(_containers(mapping(obj, "spec"), status)),
        reason=reason,
        message=message,
        deleting=bool(metadata.get("deletionTimestamp")),
    )


def newest_first(pods: Iterable[PodSeen]) -> tuple[PodSeen, ...]:
    """By creation, the newest first; pods of the same second by name."""
    long_ago = datetime.min.replace(tzinfo=UTC)
    by_name = sorted(pods, key=lambda one: one.name)
    return tuple(sorted(by_name, key=lambda one: one.created_at or long_ago, reverse=True))


def _owner(metadata: Obj) -> str:
    owners = objects(metadata, "ownerReferences")
    owner = next((one for one in owners if one.get("controller")), next(iter(owners), None))
    return f"{text(owner, 'kind')}/{text(owner, 'name')}" if owner else ""


def _trouble(status: Obj) -> tuple[str, str]:
    """Why the pod as a whole is not running: evicted, or not schedulable."""
    if status.get("reason"):
        return text(status, "reason"), text(status, "message")
    for one in objects(status, "conditions"):
        if one.get("type") == "PodScheduled" and one.get("status") == "False":
            return text(one, "reason"), text(one, "message")
    return "", ""


def _containers(spec: Obj, status: Obj) -> Iterator[ContainerSeen]:
    statuses = {one.get("name"): one for one in objects(status, "containerStatuses")}
    for one in objects(spec, "containers"):
        yield container_seen(one, statuses.get(one.get("name"), {}))


def container_seen(spec: Obj, status: Obj) -> ContainerSeen:
    """One container by its entries in the pod's spec and status."""
    state = mapping(status, "state")
    name = next(iter(state), "")
    now = mapping(state, name)
    last = mapping(mapping(status, "lastState"), "terminated")
    exit_code = last.get("exitCode")
    return ContainerSeen(
        name=text(spec, "name"),
        image=text(spec, "image"),
        args=tuple(_arguments(spec)),
        probe_paths=tuple(_probe_paths(spec)),
        ready=status.get("ready") is True,
        state=safe_text(str(name)),
        reason=text(now, "reason"),
        message=text(now, "message"),
        restarts=_count(status.get("restartCount")),
        started_at=moment(now.get("startedAt")),
        last_reason=text(last, "reason"),
        last_exit_code=exit_code if isinstance(exit_code, int) else None,
        last_finished_at=moment(last.get("finishedAt")),
    )


def _arguments(spec: Obj) -> Iterator[str]:
    """The whole command line as far as the spec gives it."""
    for name in ("command", "args"):
        given = spec.get(name)
        if isinstance(given, list):
            yield from (safe_text(str(one), _LIMIT) for one in given)


def _probe_paths(spec: Obj) -> Iterator[str]:
    found = (text(mapping(mapping(spec, name), "httpGet"), "path") for name in _PROBES)
    yield from dict.fromkeys(filter(None, found))


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
