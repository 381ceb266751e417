"""Parameters of API requests: times, durations and steps (prometheus/web/api/v1/api.go)."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

from sandbox.prometheus.promql.cursor import duration_ms
from sandbox.prometheus.samples import milliseconds

_DURATION = re.compile(r"(\d+(ms|[smhdwy]))+")
_MAX_POINTS = 11_000


class BadData(ValueError):
    """A request that is answered with 400 and `errorType` `bad_data`."""


def parameter(name: str, problem: object) -> BadData:
    """The error for one parameter."""
    return BadData(f'invalid parameter "{name}": {problem}')


def parse_time(text: str) -> int:
    """Epoch milliseconds of epoch seconds or of an RFC 3339 time. Raises ValueError."""
    try:
        seconds = float(text)
        if not math.isfinite(seconds):
            raise ValueError
    except ValueError:
        return _rfc3339(text)
    return milliseconds(seconds)


def _rfc3339(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f'cannot parse "{text}" to a valid timestamp') from None
    return milliseconds(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())


def instant_time(text: str | None, now: int) -> int:
    """The parameter `time` of an instant query; now by default. Raises BadData."""
    if not text:
        return now
    try:
        return parse_time(text)
    except ValueError as error:
        raise parameter("time", f"Invalid time value for 'time': {error}") from None


def time_range(start: str, end: str, step: str) -> tuple[int, int, int]:
    """The parameters of a range query, in milliseconds. Raises BadData."""
    first, last = _bound("start", start), _bound("end", end)
    if last < first:
        raise parameter("end", "end timestamp must not be before start time")
    width = _step(step)
    if (last - first) // width > _MAX_POINTS:
        raise BadData(
            "exceeded maximum resolution of 11,000 points per timeseries."
            " Try decreasing the query resolution (?step=XX)"
        )
    return first, last, width


def _bound(name: str, text: str) -> int:
    try:
        return parse_time(text)
    except ValueError as error:
        raise parameter(name, error) from None


def _step(text: str) -> int:
    if _DURATION.fullmatch(text):
        width = duration_ms(text)
    else:
        try:
            width = milliseconds(float(text))
        except (ValueError, OverflowError):
            raise parameter("step", f'cannot parse "{text}" to a valid duration') from None
    if width <= 0:
        what = "zero or negative query resolution step widths are not accepted."
        raise parameter("step", f"{what} Try a positive integer")
    return width
