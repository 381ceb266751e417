"""zap's production JSON lines and the plain lines between them, into a container's log.

Keys are `level`, `ts` (float epoch seconds), `caller`, `msg`, then the fields; a stack trace ends
an entry of level error and above (of warn too, when LOG_LEVEL is debug). Source: `initLogger` of
the service's `cmd/api/main.go` and zap's production encoder.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from sandbox.kubernetes.logs import LogBuffer

LEVELS = ("debug", "info", "warn", "error", "fatal")

_GIN = "/go/pkg/mod/github.com/gin-gonic/gin@v1.10.1"
_REQUEST_TAIL = f"""
github.com/gin-gonic/gin.(*Context).Next
\t{_GIN}/context.go:185
github.com/gin-gonic/gin.(*Engine).handleHTTPRequest
\t{_GIN}/gin.go:644
github.com/gin-gonic/gin.(*Engine).ServeHTTP
\t{_GIN}/gin.go:600
net/http.serverHandler.ServeHTTP
\t/usr/local/go/src/net/http/server.go:3340
net/http.(*conn).serve
\t/usr/local/go/src/net/http/server.go:2109"""
_MAIN_TAIL = "\nruntime.main\n\t/usr/local/go/src/runtime/proc.go:285"


class Site(NamedTuple):
    """Where the Go program logs: zap's short caller, the function, the file's folder."""

    caller: str
    function: str
    folder: str = "/app/services/ops-service/internal"

    def stacktrace(self) -> str:
        """The trace zap adds for an entry of this place."""
        tail = _MAIN_TAIL if self.function == "main.main" else _REQUEST_TAIL
        return f"{self.function}\n\t{self.folder}/{self.caller}{tail}"


def main(line: int) -> Site:
    """A line of `cmd/api/main.go`."""
    return Site(f"api/main.go:{line}", "main.main", "/app/services/ops-service/cmd")


@dataclass(frozen=True)
class Entry:
    """One thing logged: a structured entry, or (without a site) plain text."""

    at: datetime
    message: str
    level: str = ""
    site: Site | None = None
    fields: Mapping[str, object] = field(default_factory=dict)
    traced: bool = False

    def line(self) -> str:
        """The text as it stands in the container's log."""
        if self.site is None:
            return self.message
        entry: dict[str, object] = {
            "level": self.level,
            "ts": self.at.timestamp(),
            "caller": self.site.caller,
            "msg": self.message,
            **self.fields,
        }
        if self.traced:
            entry["stacktrace"] = self.site.stacktrace()
        return json.dumps(entry, ensure_ascii=False, separators=(",", ":"))


class ZapLogger:
    """Writes entries into `buffer`. `level` is LOG_LEVEL; an unknown word is info."""

    def __init__(
        self, buffer: LogBuffer, clock: Callable[[], datetime] | None = None, level: str = "info"
    ) -> None:
        self.level = level if level in LEVELS[:4] else "info"
        self._buffer = buffer
        self._clock = clock or (lambda: datetime.now(UTC))
        self._captured: list[Entry] | None = None

    def debug(self, site: Site, message: str, fields: Mapping[str, object] | None = None) -> None:
        """Logs at level debug."""
        self.log("debug", site, message, fields)

    def info(self, site: Site, message: str, fields: Mapping[str, object] | None = None) -> None:
        """Logs at level info."""
        self.log("info", site, message, fields)

    def warn(self, site: Site, message: str, fields: Mapping[str, object] | None = None) -> None:
        """Logs at level warn."""
        self.log("warn", site, message, fields)

    def error(self, site: Site, message: str, fields: Mapping[str, object] | None = None) -> None:
        """Logs at level error."""
        self.log("error", site, message, fields)

    def log(
        self, level: str, site: Site, message: str, fields: Mapping[str, object] | None = None
    ) -> None:
        """Logs at `level`, unless LOG_LEVEL is above it."""
        if LEVELS.index(level) < LEVELS.index(self.level):
            return
        traced = level in ("error", "fatal") or (level == "warn" and self.level == "debug")
        self.emit(Entry(self._clock(), message, level, site, fields or {}, traced))

    def plain(self, text: str) -> None:
        """Writes text that is no zap entry: what the program prints to stdout or stderr."""
        self.emit(Entry(self._clock(), text))

    def emit(self, entry: Entry) -> None:
        """Writes an entry as it is, or hands it to the capture under way."""
        if self._captured is not None:
            self._captured.append(entry)
        else:
            self._buffer.append(entry.line(), entry.at)

    @contextmanager
    def capture(self) -> Iterator[list[Entry]]:
        """Collects what is logged meanwhile instead of writing it."""
        captured: list[Entry] = []
        self._captured = captured
        try:
            yield captured
        finally:
            self._captured = None
