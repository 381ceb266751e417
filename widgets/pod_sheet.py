"""Pod sheet: a pod's containers, its environment by origin, its events. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from probes.model import (
    ContainerDetail,
    EventSeen,
    Failure,
    PodDetail,
    Status,
    VariableShown,
)
from widgets.panel import of_failure
from widgets.pieces import MUTED, STRONG, Blank, Fact, Line, Row, Words, plain
from widgets.status import style_of, told

_INDENT = 2


def pod_rows(detail: PodDetail) -> Iterator[Row]:
    """The rows of one pod."""
    pod = detail.pod
    yield Fact("state", told(*_state(detail)))
    yield Fact(
        "created", plain(f"{pod.created_at:%Y-%m-%d %H:%M:%S} UTC" if pod.created_at else "-")
    )
    yield Fact("node", plain(detail.node or "none: not scheduled"))
    yield Fact("owner", plain(pod.owner or "nobody"))
    for one in detail.containers:
        yield Blank()
        yield from _container(one)
    yield Blank()
    yield from _environment(detail)
    yield Blank()
    yield from _events(detail.events)


def _state(detail: PodDetail) -> tuple[Status, str]:
    pod = detail.pod
    why = f": {pod.reason} {pod.message}".rstrip() if pod.reason else ""
    if pod.deleting:
        return Status.WARN, f"{pod.phase}, on its way out"
    return (Status.PASS if pod.ready else Status.FAIL), f"{pod.phase}{why}"


def _container(one: ContainerDetail) -> Iterator[Row]:
    seen = one.seen
    kind = "init container" if one.init else "container"
    yield Words(((f"{kind} {seen.name}", STRONG),))
    yield Fact("  state", told(*_container_state(one)))
    if seen.restarts:
        yield Fact("  restarts", told(Status.WARN, _restarts(one)))
    yield Fact("  image", plain(seen.image))
    for label, amounts in (("  requests", one.requests), ("  limits", one.limits)):
        listed = ", ".join(f"{name} {amount}" for name, amount in amounts.items())
        yield Fact(label, plain(listed or "none"))
    if seen.probe_paths:
        yield Fact("  probes", plain(", ".join(seen.probe_paths)))
    if seen.args:
        yield Fact("  arguments", plain(" ".join(seen.args)))


def _container_state(one: ContainerDetail) -> tuple[Status, str]:
    seen = one.seen
    since = f" since {seen.started_at:%Y-%m-%d %H:%M:%S} UTC" if seen.started_at else ""
    why = ": ".join(filter(None, (seen.reason, seen.message)))
    text = f"{seen.state or 'not known'}{since}{f', {why}' if why else ''}"
    over = one.init and seen.state == "terminated" and seen.reason in ("Completed", "")
    return (Status.PASS if seen.ready or over else Status.FAIL), text


def _restarts(one: ContainerDetail) -> str:
    seen = one.seen
    code = "" if seen.last_exit_code is None else f", exit code {seen.last_exit_code}"
    when = f", {seen.last_finished_at:%Y-%m-%d %H:%M:%S} UTC" if seen.last_finished_at else ""
    return f"{seen.restarts}, the last one: {seen.last_reason or 'not told'}{code}{when}"


def _environment(detail: PodDetail) -> Iterator[Row]:
    yield Words((("environment, by where it comes from", STRONG),))
    if isinstance(detail.variables, Failure):
        yield from of_failure(detail.variables)
        return
    for origin, group in groupby(detail.variables, key=lambda one: one.origin):
        yield Words(plain(origin, MUTED), _INDENT)
        yield from _variables(group)
    for name in detail.absent:
        yield Words(((f"{name}  ", MUTED), *told(Status.WARN, "is not there")), _INDENT)
    for failure in detail.unreadable:
        yield from of_failure(failure)


def _variables(group: Iterable[VariableShown]) -> Iterator[Row]:
    for one in group:
        value: Line = ((one.text, MUTED if one.secret else ""),)
        if one.overrides:
            value = (*value, (f"  beats {', '.join(one.overrides)}", MUTED))
        yield Fact(f"  {one.name}", value)


def _events(events: tuple[EventSeen, ...] | Failure) -> Iterator[Row]:
    yield Words((("events, the newest first", STRONG),))
    if isinstance(events, Failure):
        yield from of_failure(events)
        return
    if not events:
        yield Words(plain("none: the cluster forgets them after an hour", MUTED), _INDENT)
    for one in events:
        status = Status.WARN if one.type == "Warning" else Status.PASS
        when = f"{one.last_seen:%H:%M:%S} " if one.last_seen else ""
        times = f" ×{one.count}" if one.count > 1 else ""
        head: Line = ((f"{status.symbol} {one.reason}{times}", style_of(status)),)
        yield Words(((when, MUTED), *head, (f"  {one.message}", "")), _INDENT)
