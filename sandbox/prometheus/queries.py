"""Queries: the part of the stand-in's API that evaluates PromQL and lists labels."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response

from sandbox.prometheus.answers import error, result, success
from sandbox.prometheus.memory import Memory, Stored
from sandbox.prometheus.parameters import BadData, instant_time, parameter, parse_time, time_range
from sandbox.prometheus.promql import (
    Evaluator,
    ExecutionError,
    ParseError,
    evaluate_range,
    parse,
    parse_series_selector,
)
from sandbox.prometheus.promql.nodes import Node, Selector
from sandbox.prometheus.samples import milliseconds

_LABEL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_TYPES = ("scalar", "instant vector")

Form = Mapping[str, Sequence[str]]
Answer = Callable[[Form], Response]


async def form(request: Request) -> Form:
    """The parameters of a request: of its body first (POST), then of its query."""
    found: dict[str, list[str]] = {}
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        found |= parse_qs((await request.body()).decode(), keep_blank_values=True)
    for name, values in parse_qs(request.url.query, keep_blank_values=True).items():
        found.setdefault(name, []).extend(values)
    return found


def _first(parameters: Form, name: str) -> str:
    return next(iter(parameters.get(name, ())), "")


class Queries:
    """Answers `query`, `query_range`, `series`, `labels` and `label/…/values` from memory."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def answer(self, parameters: Form, handler: Answer) -> Response:
        """Runs a handler; what is wrong with the request becomes the API's error envelope."""
        try:
            return handler(parameters)
        except BadData as problem:
            return error(400, "bad_data", str(problem))
        except ExecutionError as problem:
            return error(422, "execution", str(problem))

    def query(self, parameters: Form) -> Response:
        """`/api/v1/query`: an expression at one moment."""
        at = instant_time(_first(parameters, "time"), milliseconds(time.time()))
        node = _parsed(parameters)
        value = Evaluator(self._memory, at).value(node)
        return success(result(value, at, matrix=node.type == "range vector"))

    def query_range(self, parameters: Form) -> Response:
        """`/api/v1/query_range`: an expression over time."""
        names = ("start", "end", "step")
        start, end, step = time_range(*(_first(parameters, name) for name in names))
        node = _parsed(parameters)
        if node.type not in _TYPES:
            what = f'invalid expression type "{node.type}" for range query'
            raise BadData(f"{what}, must be Scalar or instant Vector")
        found = evaluate_range(node, self._memory, start, end, step)
        return success(result(list(found), end, matrix=True))

    def series(self, parameters: Form) -> Response:
        """`/api/v1/series`: the label sets that `match[]` selects."""
        if not parameters.get("match[]"):
            raise BadData("no match[] parameter provided")
        return success([dict(stored.labels) for stored in self._matched(parameters)])

    def labels(self, parameters: Form) -> Response:
        """`/api/v1/labels`: the names of all labels."""
        return success(sorted({name for s in self._matched(parameters) for name in s.labels}))

    def label_values(self, label: str) -> Answer:
        """`/api/v1/label/LABEL/values`: the values that a label has."""

        def answer(parameters: Form) -> Response:
            if not _LABEL_NAME.fullmatch(label):
                raise BadData(f'invalid label name: "{label}"')
            found = (stored.labels.get(label) for stored in self._matched(parameters))
            return success(sorted({value for value in found if value is not None}))

        return answer

    def _matched(self, parameters: Form) -> Iterator[Stored]:
        """The series that any `match[]` selects; all where there is none."""
        _check_times(parameters)
        selectors = [_selector(text) for text in parameters.get("match[]", ())]

        def wanted(labels: Mapping[str, str]) -> bool:
            return not selectors or any(selector.selects(labels) for selector in selectors)

        return self._memory.select(wanted)


def _parsed(parameters: Form) -> Node:
    try:
        return parse(_first(parameters, "query"))
    except ParseError as problem:
        raise parameter("query", problem) from None


def _selector(text: str) -> Selector:
    try:
        return parse_series_selector(text)
    except ParseError as problem:
        raise parameter("match[]", problem) from None


def _check_times(parameters: Form) -> None:
    for name in ("start", "end"):
        text = _first(parameters, name)
        try:
            _ = parse_time(text) if text else 0
        except ValueError as problem:
            raise parameter(name, f"Invalid time value for '{name}': {problem}") from None
