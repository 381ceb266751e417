"""Rates: what crosses the mesh, a line for each service. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from probes.model import Answer, Failure, RatesSeen, ServiceRates, Status
from probes.model.prometheus import is_success
from widgets.names import bare, cut_within
from widgets.pieces import MUTED, Fitted, Line, Piece, Row, Words, padded, plain, widest
from widgets.sparkline import sparkline
from widgets.status import style_of, told

_BUDGET = 0.1
"""Percent of 5xx that the portal's own objective of 99.9 % allows."""

_ALERT = 14.4 * _BUDGET
"""Percent from which on the portal's burn rate of one hour alerts."""

_CURVE = "$text-primary dim"
_ERROR_SCALE = 5.0
"""Percent that a full bar of errors stands for at least: a few do not look like all."""

_TITLES = ("requests/s, last hour", "req/s, last hour", "req/s")
_NOW, _FAILED = "now", "5xx"
_UNKNOWN = "–"

_CURVES = ((31, 31), (31, 15), (15, 15), (22, 0), (15, 0), (10, 0), (8, 0), (6, 0))
"""Cells for the curves of requests and of errors, as there is room."""

_SHORT_CURVES = ((10, 0), (6, 0))
"""The same behind shortened names."""

_NAMES = range(20, 10, -1)
"""Cells that are tried for names which must be cut."""


@dataclass(frozen=True, slots=True)
class _Columns:
    """How names are told, and the cells of each column but the last two."""

    told: Callable[[str], str]
    name: int
    requests: int
    errors: int


def rates_rows(rates: RatesSeen, namespaces: Iterable[str] = ()) -> Iterator[Row]:
    """A heading and a line for each service, or why there are none.

    `namespaces` are those that have request metrics at all.
    """
    if not is_success(rates.requests):
        yield Words(plain(_TITLES[0], MUTED))
        yield Words(told(Status.UNKNOWN, _why(rates.requests)), indent=2)
        return
    if not rates.services:
        others = ", ".join(sorted(one for one in namespaces if one and one != rates.namespace))
        where = f"{rates.namespace}, but in {others}" if others else rates.namespace
        yield Words(plain(f"no requests are counted in {where}", MUTED))
        return
    yield from _table(rates)
    if rates.left_out:
        yield Words(plain(f"and {rates.left_out} smaller ones", MUTED))
    if not is_success(rates.failures):
        yield Words(told(Status.UNKNOWN, f"{_FAILED}: {_why(rates.failures)}"), indent=2)


def _why(answer: Answer) -> str:
    return answer.sentence if isinstance(answer, Failure) else f"it answers {answer.status}"


def _table(rates: RatesSeen) -> Iterator[Row]:
    """What fails first, then by their requests."""
    rate = widest((_NOW, *(_per_second(service) for service in rates.services)))
    share = widest((_FAILED, *(_share(service)[0] for service in rates.services)))
    forms = tuple(_columns([service.name for service in rates.services]))
    yield Fitted(tuple(_head(form, rate, share) for form in forms))
    for service in sorted(rates.services, key=_severity):
        yield Fitted(tuple(_line(service, form, rate, share) for form in forms))


def _columns(names: Sequence[str]) -> Iterator[_Columns]:
    """All forms of the table, the fullest first: whole names, bare ones, then cut ones."""
    yield from (_Columns(str, widest(names), *curves) for curves in _CURVES)
    short = bare(names) or dict(zip(names, names, strict=True))
    name = widest(short.values())
    if name < widest(names):
        yield from (_Columns(short.__getitem__, name, *curves) for curves in _SHORT_CURVES)
    for cells in _NAMES:
        if cells < name:
            yield _Columns(partial(_cut, short, cells), cells, *_SHORT_CURVES[-1])


def _cut(short: Mapping[str, str], cells: int, name: str) -> str:
    return cut_within(short[name], cells)


def _head(form: _Columns, rate: int, share: int) -> Line:
    room = form.name + 1 + form.requests
    title = next((one for one in _TITLES if len(one) <= room), "")
    gap = " " * (form.errors + 1) if form.errors else ""
    return plain(f"{title:<{room}} {_NOW:>{rate}} {gap}{_FAILED:>{share}}", MUTED)


def _line(service: ServiceRates, form: _Columns, rate: int, share: int) -> Line:
    failed, style = _share(service)
    curve: Line = ()
    if form.errors:
        curve = (sparkline(service.shares, form.errors, style, _ERROR_SCALE), (" ", ""))
    return (
        (f"{padded(form.told(service.name), form.name)} ", ""),
        sparkline(service.requests, form.requests, _CURVE),
        (f" {_per_second(service):>{rate}} ", ""),
        *curve,
        (f"{failed:>{share}}", style),
    )


def _severity(service: ServiceRates) -> int:
    """How much of the budget for errors it spends: 0 where it alerts."""
    share = service.share or 0
    return 0 if share >= _ALERT else 1 if share > _BUDGET else 2


def _per_second(service: ServiceRates) -> str:
    rate = service.rate
    if rate is None:
        return _UNKNOWN
    if rate and rate < 0.01:
        return "<0.01"
    digits = 0 if rate >= 100 or rate == 0 else 1 if rate >= 10 else 2
    return f"{rate:,.{digits}f}"


def _share(service: ServiceRates) -> Piece:
    """The part of its requests that fail now, with a status where it is over the budget."""
    share = service.share
    if share is None:
        return (_UNKNOWN, MUTED)
    if share == 0:
        return ("0%", MUTED)
    digits = 0 if share >= 10 else 1 if share >= _BUDGET else 2
    text = "<.01%" if share < 0.01 else f"{share:.{digits}f}%"
    if share <= _BUDGET:
        return (text, "")
    status = (Status.FAIL, Status.WARN)[_severity(service)]
    return (f"{status.symbol} {text}", style_of(status))
