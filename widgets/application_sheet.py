"""Application sheet: its state, sources, resources, conditions and history. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from probes.model import ApplicationDetail, ApplicationSeen, ResourceSeen, Status
from widgets.pieces import MUTED, STRONG, Blank, Fact, Line, Row, Words, padded, plain, widest
from widgets.status import style_of, told

SYNCED = {"Synced": Status.PASS, "OutOfSync": Status.WARN}
HEALTH = {
    "Healthy": Status.PASS,
    "Progressing": Status.WARN,
    "Suspended": Status.WARN,
    "Degraded": Status.FAIL,
    "Missing": Status.FAIL,
}
_NO_HEALTH = ""


def application_rows(detail: ApplicationDetail) -> Iterator[Row]:
    """The rows of one Application."""
    seen = detail.seen
    yield Fact("sync", _state(SYNCED, seen.sync))
    yield Fact("health", (*_state(HEALTH, seen.health), (f"  {seen.health_message}", "")))
    yield Fact("policy", plain(_policy(seen)))
    yield Fact("owner", plain(_owner(seen)))
    yield Fact("project", plain(seen.project))
    yield Fact("goes to", plain(detail.destination))
    yield Fact("source", plain(f"{seen.repo_url} {seen.path}".strip()))
    yield Fact("revision", plain(f"{seen.target_revision}  {seen.revision[:12]}".strip()))
    if seen.operation_phase:
        yield Fact("operation", told(*_operation(seen)))
    yield from _parameters(seen)
    yield from _conditions(seen)
    yield from _resources(detail.resources)
    yield from _history(detail)
    if detail.images:
        yield from _title("images")
        yield from (Words(plain(one), 2) for one in detail.images)


def _title(text: str) -> Iterator[Row]:
    yield Blank()
    yield Words(plain(text, STRONG))


def _state(known: dict[str, Status], word: str) -> Line:
    status = known.get(word, Status.UNKNOWN)
    return ((f"{status.symbol} {word or 'not told'}", style_of(status)),)


def _policy(seen: ApplicationSeen) -> str:
    if not seen.automated:
        return "synced by hand"
    heals = ", heals live edits" if seen.self_heal else ", leaves live edits"
    return f"synced automatically{heals}{', prunes' if seen.prune else ''}"


def _owner(seen: ApplicationSeen) -> str:
    if not seen.owner:
        return "nobody: a live edit of it lasts"
    heals = "whether it reverts live edits is not known"
    if seen.owner_self_heals is not None:
        heals = f"{'reverts' if seen.owner_self_heals else 'leaves'} live edits of it"
    return f"{seen.owner}, {heals}"


def _operation(seen: ApplicationSeen) -> tuple[Status, str]:
    status = Status.PASS if seen.operation_phase == "Succeeded" else Status.WARN
    if seen.operation_phase in ("Failed", "Error"):
        status = Status.FAIL
    when = f", {seen.finished_at:%Y-%m-%d %H:%M:%S} UTC" if seen.finished_at else ""
    return status, f"{seen.operation_phase}{when}  {seen.operation_message}".rstrip()


def _parameters(seen: ApplicationSeen) -> Iterator[Row]:
    if seen.parameters:
        yield from _title("helm parameters")
        for name, value in seen.parameters.items():
            yield Fact(f"  {name}", plain(value))


def _conditions(seen: ApplicationSeen) -> Iterator[Row]:
    if seen.conditions:
        yield from _title("conditions")
        for one in seen.conditions:
            yield Words(((f"! {one.type}", style_of(Status.WARN)), (f"  {one.message}", "")), 2)


def _resources(resources: tuple[ResourceSeen, ...]) -> Iterator[Row]:
    yield from _title("resources")
    if not resources:
        yield Words(plain("none yet", MUTED), 2)
    width = widest(f"{one.kind}/{one.name}" for one in resources)
    for one in sorted(resources, key=_worst_first):
        name = padded(f"{one.kind}/{one.name}", width)
        health = _state(HEALTH, one.health) if one.health != _NO_HEALTH else ()
        yield Words(
            (
                (f"  {name}  ", ""),
                *_state(SYNCED, one.sync),
                ("  ", ""),
                *health,
                (f"  {one.message}", MUTED),
            ),
            4,
        )


def _worst_first(one: ResourceSeen) -> tuple[bool, bool, str]:
    return (HEALTH.get(one.health, Status.PASS) is Status.PASS, one.sync == "Synced", one.kind)


def _history(detail: ApplicationDetail) -> Iterator[Row]:
    if detail.history:
        yield from _title("deployed, the newest first")
    for one in detail.history:
        when = f"{one.deployed_at:%Y-%m-%d %H:%M:%S} UTC" if one.deployed_at else "-"
        by = f"  by {one.by}" if one.by else ""
        yield Words(((f"  {when}  ", MUTED), (one.revision[:12], ""), (by, MUTED)), 4)
