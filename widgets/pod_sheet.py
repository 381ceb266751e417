"""Pod sheet: a pod's containers, settings, events, and its environment by origin. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from probes.model import (
    ContainerDetail,
    EventSeen,
    Failure,
    PodDetail,
    SettingShown,
    Status,
    VariableShown,
)
from widgets.ages import moment
from widgets.listing import entries, heading
from widgets.panel import of_failure
from widgets.pieces import MUTED, Fact, Line, Row, Words, padded, plain
from widgets.status import WIDTH, status_piece, style_of, told

_INDENT = 2
_STANDS = len("! differs ") + 1
_OVER = ("Completed", "")


def pod_rows(detail: PodDetail, settings: Sequence[SettingShown] = ()) -> Iterator[Row]:
    """The rows of one pod; `settings` are those of its container, by every place."""
    pod = detail.pod
    yield Fact("state", told(*_state(detail)))
    yield Fact("created", plain(moment(pod.created_at)))
    yield Fact("node", plain(detail.node or "none: not scheduled"))
    yield Fact("owner", plain(pod.owner or "nobody"))
    for one in detail.containers:
        yield from _container(one)
    yield from _settings(settings, pod.name)
    yield from _events(detail.events)
    yield from _environment(detail)


def _state(detail: PodDetail) -> tuple[Status, str]:
    pod = detail.pod
    why = f": {pod.reason} {pod.message}".rstrip() if pod.reason else ""
    if pod.deleting:
        return Status.WARN, f"{pod.phase}, on its way out"
    ready = "ready" if pod.ready else "not ready"
    return (Status.PASS if pod.ready else Status.FAIL), f"{pod.phase}, {ready}{why}"


def _container(one: ContainerDetail) -> Iterator[Row]:
    seen = one.seen
    yield from heading(f"{'init container' if one.init else 'container'} {seen.name}")
    yield Fact("  state", told(*_container_state(one)))
    if seen.restarts:
        yield Fact("  restarts", told(Status.WARN, _restarts(one)))
    yield Fact("  image", plain(seen.image or "-"))
    for label, amounts in (("  requests", one.requests), ("  limits", one.limits)):
        listed = ", ".join(f"{name} {amount}" for name, amount in amounts.items())
        yield Fact(label, plain(listed or "none"))
    for kind, words in one.probes.items():
        yield Fact(f"  {kind}", plain(words))
    if seen.args:
        yield Fact("  arguments", plain(" ".join(seen.args)))


def _container_state(one: ContainerDetail) -> tuple[Status, str]:
    seen = one.seen
    since = f" since {moment(seen.started_at)}" if seen.started_at else ""
    why = ": ".join(filter(None, (seen.reason, seen.message)))
    ready = ", not ready" if seen.state == "running" and not seen.ready else ""
    text = f"{seen.state or 'not known'}{since}{ready}{f', {why}' if why else ''}"
    over = one.init and seen.state == "terminated" and seen.reason in _OVER
    return (Status.PASS if seen.ready or over else Status.FAIL), text


def _restarts(one: ContainerDetail) -> str:
    seen = one.seen
    code = "" if seen.last_exit_code is None else f", exit code {seen.last_exit_code}"
    when = f", {moment(seen.last_finished_at)}" if seen.last_finished_at else ""
    return f"{seen.restarts}, the last one: {seen.last_reason or 'not told'}{code}{when}"


def _settings(settings: Sequence[SettingShown], pod: str) -> Iterator[Row]:
    if settings:
        yield from heading("settings, in every place that tells them")
    for one in sorted(settings, key=lambda one: not one.differs):
        yield from _setting(one, pod)


def _setting(one: SettingShown, pod: str) -> Iterator[Row]:
    """In one row where every place says the same, else a row for each place."""
    status, word = (Status.WARN, "differs") if one.differs else (Status.PASS, "agrees")
    stands = padded(f"{status.symbol} {word}", _STANDS)
    head = ((" " * _INDENT, ""), (stands, style_of(status)), (one.name, ""))
    hang = _INDENT + _STANDS
    # On the pod's own page there is no need to say whose log it is.
    places = [(place.source.removesuffix(f" of pod {pod}"), place.value) for place in one.places]
    values = {value for _, value in places}
    if len(values) == 1 and not one.differs:
        told_by = ", ".join(place for place, _ in places)
        yield Words((*head, (f"  {values.pop()}", ""), (f"  {told_by}", MUTED)), hang)
        return
    yield Words((*head, (f"  {'; '.join(one.differs)}", "")), hang)
    yield from entries([(place, plain(value)) for place, value in places], hang)


def _environment(detail: PodDetail) -> Iterator[Row]:
    yield from heading(f"environment of {detail.container}, by where it comes from")
    if isinstance(detail.variables, Failure):
        yield from of_failure(detail.variables)
        return
    for origin, group in groupby(detail.variables, key=lambda one: one.origin):
        yield Words(plain(f"  {origin}"), _INDENT)
        yield from entries([(one.value.name, _value(one)) for one in group], 2 * _INDENT)
    for name in detail.absent:
        yield Words(((f"  {name}  ", ""), *told(Status.WARN, "is not there")), _INDENT)
    for failure in detail.unreadable:
        yield from of_failure(failure)


def _value(one: VariableShown) -> Line:
    value: Line = ((one.value.text, MUTED if one.value.secret else ""),)
    beats = f"  beats {', '.join(one.overrides)}" if one.overrides else ""
    return (*value, (beats, MUTED)) if beats else value


def _events(events: tuple[EventSeen, ...] | Failure) -> Iterator[Row]:
    yield from heading("events, the newest first")
    if isinstance(events, Failure):
        yield from of_failure(events)
        return
    if not events:
        yield Words(plain("  none: the cluster forgets them after an hour", MUTED), _INDENT)
    for one in events:
        status = Status.WARN if one.type == "Warning" else Status.PASS
        times = f" ×{one.count}" if one.count > 1 else ""
        head: Line = ((f"  {moment(one.last_seen)}  ", MUTED), status_piece(status, WIDTH + 1))
        yield Words((*head, (f"{one.reason}{times}  {one.message}", "")), 2 * _INDENT)
