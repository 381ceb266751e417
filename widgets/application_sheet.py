"""Application sheet: its state, sources, resources, conditions and history. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from probes.model import ApplicationDetail, ApplicationSeen, ResourceSeen, SourceSeen, Status
from widgets.ages import moment
from widgets.listing import entries, heading
from widgets.pieces import MUTED, Fact, Line, Row, Words, padded, plain, widest
from widgets.status import WIDTH, status_piece, style_of, told

SYNCED = {"Synced": Status.PASS, "OutOfSync": Status.WARN}
HEALTH = {
    "Healthy": Status.PASS,
    "Progressing": Status.WARN,
    "Suspended": Status.WARN,
    "Degraded": Status.FAIL,
    "Missing": Status.FAIL,
}
_WORST_FIRST = (Status.FAIL, Status.WARN, Status.UNKNOWN, Status.PASS)
_NO_HEALTH = ""
_SYNC = len("! OutOfSync") + 2
_HEALTH = len("! Progressing") + 2
_SHORT = 12
"""Characters of a revision: enough to find the commit."""


def application_rows(detail: ApplicationDetail) -> Iterator[Row]:
    """The rows of one Application."""
    seen = detail.seen
    yield Fact("sync", _state(SYNCED, seen.sync))
    yield Fact("health", (*_state(HEALTH, seen.health), (f"  {seen.health_message}".rstrip(), "")))
    if seen.operation_phase:
        yield Fact("operation", told(*_operation(detail)))
    yield Fact("policy", plain(_policy(detail)))
    yield Fact("owner", plain(_owner(seen)))
    yield Fact("project", plain(seen.project or "-"))
    yield Fact("goes to", plain(detail.destination or "-"))
    yield from _how(detail)
    yield from _conditions(seen)
    yield from _resources(detail.resources)
    for number, source in enumerate(detail.sources, 1):
        yield from _source(source, f" {number}" if len(detail.sources) > 1 else "")
    yield from _history(detail)
    if detail.images:
        yield from heading("images")
        yield from (Words(plain(f"  {one}"), 2) for one in detail.images)


def _how(detail: ApplicationDetail) -> Iterator[Row]:
    """How it was seen, and where the cluster did not give it, why not."""
    if detail.denied:
        yield Fact("cluster", told(Status.UNKNOWN, detail.denied.sentence))
    yield Fact("asked", plain(detail.asked))
    yield Fact("route", plain(detail.route, MUTED))


def _state(known: dict[str, Status], word: str) -> Line:
    status = known.get(word, Status.UNKNOWN)
    return ((f"{status.symbol} {word or 'not told'}", style_of(status)),)


def _policy(detail: ApplicationDetail) -> str:
    seen = detail.seen
    options = f" ({', '.join(detail.sync_options)})" if detail.sync_options else ""
    if not seen.automated:
        return f"synced by hand{options}"
    heals = ", heals live edits" if seen.self_heal else ", leaves live edits"
    return f"synced automatically{heals}{', prunes' if seen.prune else ''}{options}"


def _owner(seen: ApplicationSeen) -> str:
    if not seen.owner:
        return "nobody: a live edit of it lasts"
    heals = "whether it reverts live edits is not known"
    if seen.owner_self_heals is not None:
        heals = f"{'reverts' if seen.owner_self_heals else 'leaves'} live edits of it"
    return f"{seen.owner}, {heals}"


def _operation(detail: ApplicationDetail) -> tuple[Status, str]:
    seen = detail.seen
    status = Status.PASS if seen.operation_phase == "Succeeded" else Status.WARN
    if seen.operation_phase in ("Failed", "Error"):
        status = Status.FAIL
    when = f", {moment(seen.finished_at)}" if seen.finished_at else ""
    if not when and detail.operation_started_at:
        when = f" since {moment(detail.operation_started_at)}"
    by = f", by {detail.operation_by}" if detail.operation_by else ""
    return status, f"{seen.operation_phase}{when}{by}  {seen.operation_message}".rstrip()


def _conditions(seen: ApplicationSeen) -> Iterator[Row]:
    if seen.conditions:
        yield from heading("conditions")
    for one in seen.conditions:
        head = ((" " * 2, ""), status_piece(Status.WARN, WIDTH + 1))
        yield Words((*head, (f"{one.type}  {one.message}".rstrip(), "")), 4)


def _resources(resources: tuple[ResourceSeen, ...]) -> Iterator[Row]:
    yield from heading("resources, the worst first")
    if not resources:
        yield Words(plain("  none yet", MUTED), 2)
    for one in sorted(resources, key=_worst_first):
        more = "  ".join(filter(None, ("to be pruned" if one.prunes else "", one.message)))
        stands = (*_column(_state(SYNCED, one.sync), _SYNC), *_column(_health(one), _HEALTH))
        line: Line = (("  ", ""), *stands, (f"{_name(one)}", ""))
        yield Words((*line, (f"  {more}" if more else "", "")), 2 + _SYNC + _HEALTH)


def _health(one: ResourceSeen) -> Line:
    return _state(HEALTH, one.health) if one.health != _NO_HEALTH else (("", ""),)


def _column(line: Line, width: int) -> Line:
    ((text, style),) = line
    return ((padded(text, width), style),)


def _name(one: ResourceSeen) -> str:
    where = f" in {one.namespace}" if one.namespace else ""
    return f"{one.kind}/{one.name}{where}"


def _worst_first(one: ResourceSeen) -> tuple[int, bool, str, str]:
    """Many kinds have no health at all, which is as good as healthy."""
    health = HEALTH.get(one.health, Status.UNKNOWN) if one.health != _NO_HEALTH else Status.PASS
    synced = one.sync == "Synced" and not one.prunes
    return _WORST_FIRST.index(health), synced, one.kind, one.name


def _source(source: SourceSeen, number: str) -> Iterator[Row]:
    yield from heading(f"source{number}", plain(f"  {source.repo_url} {source.path}".rstrip()))
    revision = f", synced {source.revision[:_SHORT]}" if source.revision else ""
    yield Fact("  revision", plain(f"{source.target_revision or 'HEAD'}{revision}"))
    if source.value_files:
        yield Fact("  values", plain(", ".join(source.value_files)))
    if source.parameters:
        yield Words(plain("  helm parameters", MUTED))
    found = [(one.name, plain(one.text, MUTED if one.secret else "")) for one in source.parameters]
    yield from entries(found, 4)


def _history(detail: ApplicationDetail) -> Iterator[Row]:
    yield from heading("deployed, the newest first")
    if not detail.history:
        yield Words(plain("  nothing yet", MUTED), 2)
    width = widest(one.id for one in detail.history)
    several = len({one.source for one in detail.history}) > 1 or len(detail.sources) > 1
    for one in detail.history:
        by = f"  by {one.by}" if one.by else ""
        source = f"  {one.source}" if several and one.source else ""
        head: Line = ((f"  {padded(one.id, width)}  {moment(one.deployed_at)}  ", MUTED),)
        yield Words((*head, (one.revision[:_SHORT], ""), (f"{by}{source}", MUTED)), 4)
