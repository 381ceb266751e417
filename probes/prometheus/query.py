"""One instant query, sent and read as ops-service does it.

Source: the service's `internal/client/prometheus_client.go`: `{url}/api/v1/query?query=…` with the
URL verbatim, redirects followed as Go's client follows them.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Mapping
from itertools import count
from typing import Any
from urllib.parse import urljoin, urlsplit

from probes.budget import Budget
from probes.model import Answer, Failure, FailureKind, ProbeError, QuerySeen, Reply
from probes.model.prometheus import is_success
from probes.reach import Body, Reach
from probes.text import safe_text

PATH = "/api/v1/query"
_MOST_REDIRECTS = 3
_LIMIT_BYTES = 2_000_000


async def query(reach: Reach, base: str, expression: str, timeout_s: float) -> QuerySeen:
    """The answer to one expression, asked under `base` within `timeout_s` seconds. Never raises.

    A redirect to the same host is followed. A body that says it is JSON but is no answer of
    Prometheus becomes a `Failure`; anything else, a 404 or a page, stays what it is.
    """
    try:
        reply, data = await asked(reach, base + PATH, {"query": expression}, timeout_s)
    except ProbeError as error:
        return QuerySeen(expression, error.failure)
    samples = _samples(data)
    values = [value for _, value in samples]
    return QuerySeen(
        expression,
        reply,
        value=values[0] if values else None,
        series=len(samples),
        by={label: value for label, value in samples if value is not None},
    )


async def asked(
    reach: Reach, url: str, params: Mapping[str, str], timeout_s: float
) -> tuple[Reply, Mapping[str, Any]]:
    """The answer of a query route and its `data`, empty where the answer has none to read.

    Raises ProbeError, malformed where a 200 says that it is JSON and Prometheus did not write it.
    """
    body = await _follow(reach, url, params, timeout_s)
    if not is_success(body.reply):
        return body.reply, {}
    document = body.json()
    if not isinstance(document, dict) or document.get("status") not in ("success", "error"):
        raise ProbeError(_foreign(body.reply))
    data = document.get("data")
    return body.reply, data if isinstance(data, dict) else {}


async def _follow(reach: Reach, url: str, asked: Mapping[str, str], timeout_s: float) -> Body:
    budget = Budget(timeout_s, headroom=1.0)
    params: Mapping[str, str] | None = asked
    for redirects in count():
        body = await reach.get(
            url, params=params, timeout_s=budget.left(), limit_bytes=_LIMIT_BYTES
        )
        onward = _redirect(url, body.reply)
        if onward is None or redirects == _MOST_REDIRECTS:
            break
        # The server keeps the query string in `Location`; where it drops it, so would Go.
        url, params = onward, None
    return body


def _redirect(url: str, reply: Reply) -> str | None:
    if reply.status not in (301, 302, 303, 307, 308) or not reply.location:
        return None
    target = urljoin(url, reply.location)
    return target if urlsplit(target).netloc == urlsplit(url).netloc else None


def _foreign(reply: Reply) -> Failure:
    return Failure(
        FailureKind.MALFORMED,
        "it answers JSON, but not as Prometheus does",
        asked=reply.request,
        route=reply.route,
        status=reply.status,
        excerpt=reply.excerpt,
    )


def _samples(data: Mapping[str, Any]) -> list[tuple[str, float | None]]:
    """Label and value of each sample; the label of a series with none is empty."""
    result = data.get("result")
    if data.get("resultType") == "scalar":
        return [("", number(result))]
    if not isinstance(result, list):
        return []
    vector = [one for one in result if isinstance(one, dict)]
    return [(label(one.get("metric")), number(one.get("value"))) for one in vector]


def label(metric: object) -> str:
    """The value of a series' only label; empty where it has none, or several."""
    values = [str(value) for value in metric.values()] if isinstance(metric, dict) else []
    return safe_text(values[0], 200) if len(values) == 1 else ""


def number(sample: object) -> float | None:
    """The value of `[time, "text"]`; None where it is none, NaN included."""
    try:
        value = float(sample[1]) if isinstance(sample, list) else math.nan
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    return None if math.isnan(value) else value


async def answered(request: Awaitable[Body]) -> Answer:
    """The reply to a request whose body does not matter, or why there was none."""
    try:
        return (await request).reply
    except ProbeError as error:
        return error.failure
