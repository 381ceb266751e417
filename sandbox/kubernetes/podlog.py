"""Pod logs: the `log` subresource of a pod."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.responses import Response, StreamingResponse

from sandbox.kubernetes import errors
from sandbox.kubernetes.call import Call
from sandbox.kubernetes.logs import LogBuffer, LogEntry
from sandbox.kubernetes.requestinfo import truthy
from sandbox.kubernetes.store import Obj


@dataclass(frozen=True)
class _Options:
    """PodLogOptions as the query gives them."""

    previous: bool
    follow: bool
    timestamps: bool
    tail: int | None
    since: datetime | None
    limit_bytes: int | None


def answer(call: Call) -> Response:
    """The log of one container, as text. Raises ApiError 400, 404 or 422."""
    pod = call.store.get("Pod", call.info.namespace, call.info.name)
    container = _container(pod, call.query.get("container", ""))
    options = _options(call)
    buffer = _buffer(call, pod, container, options)
    if buffer is None:
        return Response(b"", media_type="text/plain")
    return StreamingResponse(
        _limited(_encoded(buffer, options), options.limit_bytes), media_type="text/plain"
    )


def _container(pod: Obj, asked: str) -> str:
    """The container to read; one must be named when there are several."""
    name = pod["metadata"]["name"]
    names = [c["name"] for c in pod["spec"].get("containers", [])]
    initial = [c["name"] for c in pod["spec"].get("initContainers", [])]
    if asked:
        if asked not in names + initial:
            raise errors.bad_request(f"container {asked} is not valid for pod {name}")
        return asked
    if len(names) == 1 and not initial:
        return str(names[0])
    message = (
        f"a container name must be specified for pod {name}, choose one of: [{' '.join(names)}]"
    )
    if initial:
        message += f" or one of the init containers: [{' '.join(initial)}]"
    raise errors.bad_request(message)


def _options(call: Call) -> _Options:
    query = call.query
    tail = _number(call, "tailLines", least=0)
    seconds = _number(call, "sinceSeconds", least=1)
    since = _time(query.get("sinceTime"))
    if seconds is not None and since is not None:
        raise _invalid(call, "sinceSeconds", "at most one of sinceTime or sinceSeconds")
    if seconds is not None:
        since = datetime.now(UTC) - timedelta(seconds=seconds)
    return _Options(
        previous=truthy(query.get("previous")),
        follow=truthy(query.get("follow")),
        timestamps=truthy(query.get("timestamps")),
        tail=tail,
        since=since,
        limit_bytes=_number(call, "limitBytes", least=1),
    )


def _number(call: Call, name: str, *, least: int) -> int | None:
    text = call.query.get(name)
    if text is None:
        return None
    try:
        number = int(text)
    except ValueError:
        raise errors.bad_request(f'{name}: Invalid value: "{text}"') from None
    if number < least:
        why = f"Invalid value: {number}: must be greater than or equal to {least}"
        raise _invalid(call, name, why)
    return number


def _invalid(call: Call, field: str, why: str) -> errors.ApiError:
    message = f'PodLogOptions "{call.info.name}" is invalid: {field}: {why}'
    return errors.unprocessable(message)


def _time(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise errors.bad_request(f'sinceTime: Invalid value: "{text}"') from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _buffer(call: Call, pod: Obj, container: str, options: _Options) -> LogBuffer | None:
    """The run's log; None for a container that ended without one."""
    name = pod["metadata"]["name"]
    buffer = call.backend.logs.find(call.info.namespace, name, container, previous=options.previous)
    if buffer is not None:
        return buffer
    if options.previous:
        message = f'previous terminated container "{container}" in pod "{name}" not found'
        raise errors.bad_request(message)
    state = _state(pod, container)
    if "terminated" in state or "running" in state:
        return None
    reason = (state.get("waiting") or {}).get("reason") or "ContainerCreating"
    message = f'container "{container}" in pod "{name}" is waiting to start: {reason}'
    raise errors.bad_request(message)


def _state(pod: Obj, container: str) -> dict[str, Any]:
    for status in pod.get("status", {}).get("containerStatuses") or []:
        if status.get("name") == container:
            return dict(status.get("state") or {})
    return {}


async def _encoded(buffer: LogBuffer, options: _Options) -> AsyncIterator[bytes]:
    """What is there in large pieces, then, when following, line by line until the run ends."""
    written = buffer.written
    entries: Iterable[LogEntry] = buffer.lines
    if options.tail is not None:
        entries = buffer.lines[len(buffer.lines) - min(options.tail, len(buffer.lines)) :]
    if options.since is not None:
        entries = [entry for entry in entries if entry.at >= options.since]
    pieces = [_line(entry, options) for entry in entries]
    for start in range(0, len(pieces), 500):
        yield b"".join(pieces[start : start + 500])
    if options.follow:
        async for entry in buffer.follow(written):
            yield _line(entry, options)


def _line(entry: LogEntry, options: _Options) -> bytes:
    if not options.timestamps:
        return f"{entry.text}\n".encode()
    stamp = entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return f"{stamp}000Z {entry.text}\n".encode()


async def _limited(pieces: AsyncIterator[bytes], limit: int | None) -> AsyncIterator[bytes]:
    """Cuts the stream after `limit` bytes, within a line if need be."""
    left = limit
    async for piece in pieces:
        if left is None:
            yield piece
            continue
        yield piece[:left]
        left -= len(piece)
        if left <= 0:
            return
