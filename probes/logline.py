"""Log lines of ops-service, parsed: levels are read, never grepped for.

The service writes zap's production JSON (`main.go`, `initLogger`), and other things write plain
text into the same stream: gin's debug output, go-redis, the database driver, Go's own panics.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Any

from probes.model import TRACES, Level, LogLine, StartupSeen
from probes.text import safe_lines, safe_text

_LINE = 4_000
_MESSAGE = 1_000
_FIELD = 4_000
_TRACE = 8_000
_NAME = 400
_MOST_FIELDS = 60

_LEVELS: Mapping[str, Level] = {
    "debug": Level.DEBUG,
    "info": Level.INFO,
    "warn": Level.WARN,
    "warning": Level.WARN,
    "error": Level.ERROR,
    "dpanic": Level.ERROR,
    "panic": Level.FATAL,
    "fatal": Level.FATAL,
}

# What the service and its libraries write as plain text, and how bad it is.
_PLAIN: tuple[tuple[str, Level], ...] = (
    ("Database connection attempt ", Level.WARN),
    ("Config file not found, ", Level.WARN),
    ("Warning: ", Level.WARN),
    ("Failed to load configuration: ", Level.ERROR),
    ("redis: ", Level.WARN),
    ("panic: ", Level.ERROR),
    ("fatal error: ", Level.ERROR),
    ("http: panic serving ", Level.ERROR),
)

_LEVEL_IN = re.compile(r'"level"\s*:\s*"(\w{1,20})"')
_MESSAGE_IN = re.compile(rf'"msg"\s*:\s*"((?:[^"\\]|\\.){{0,{_MESSAGE}}})')

# The kubelet's prefix with `timestamps=true`: RFC 3339 with nanoseconds.
_STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d) ")

Redact = Callable[[str], str]


def _as_it_is(text: str) -> str:
    return text


def parse(pod: str, text: str, redact: Redact = _as_it_is, length: int = 0) -> LogLine:
    """One line, with or without the kubelet's timestamp before it. Never raises.

    `redact` takes the secrets out of every text, before it is made safe and shortened. `length`
    is that of the whole line, where the text is only its beginning.
    """
    stamped, line = _stamp(text)
    is_part = length > len(text)
    found = _beginning(line) if is_part else _object(line)
    whole = redact(line)
    raw = safe_text(whole, _LINE)
    written = len(line) + max(0, length - len(text))
    written = written if is_part or _is_cut(whole, raw) else 0
    if found is None:
        message = safe_text(whole, _MESSAGE)
        return LogLine(pod, stamped, _plain_level(line), message, raw, written=written)
    if whole == line and "\\" not in line:
        redact = _as_it_is  # no secret in the whole, and nothing is spelled otherwise in its parts
    level = _LEVELS.get(str(found.pop("level", "")).casefold(), Level.PLAIN)
    own = found.pop("ts", None)
    message = safe_text(redact(str(found.pop("msg", ""))), _MESSAGE)
    fields = {
        _name(key[:_NAME]): _field(key, redact(value if isinstance(value, str) else _text(value)))
        for key, value in islice(found.items(), _MOST_FIELDS)
    }
    return LogLine(pod, stamped or _epoch(own), level, message, raw, fields, written)


def _is_cut(whole: str, raw: str) -> bool:
    """Whether `safe_text` has shortened it, and not only taken out what is unsafe."""
    return len(whole) > _LINE and len(raw) == _LINE and raw.endswith("…")


@lru_cache(maxsize=1_000)
def _name(key: str) -> str:
    """A field's name made safe; the same few stand in every line."""
    return safe_text(key, 200)


def _field(name: str, text: str) -> str:
    return safe_lines(text, _TRACE) if name in TRACES else safe_text(text, _FIELD)


def _object(line: str) -> dict[str, Any] | None:
    """The JSON object that the line is, if it is one of a logger: with a level or a message."""
    if not line.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and ("level" in found or "msg" in found) else None


def _beginning(line: str) -> dict[str, Any] | None:
    """Level and message of a JSON line that is too long to be read to its end."""
    level = _LEVEL_IN.search(line[:_LINE])
    if not line.lstrip().startswith("{") or level is None:
        return None
    message = _MESSAGE_IN.search(line)
    told = _object(f'{{"msg":"{message[1]}"}}') if message else None
    return {"level": level[1], **(told or {})}


def _plain_level(line: str) -> Level:
    start = line.lstrip()
    return next((level for prefix, level in _PLAIN if start.startswith(prefix)), Level.PLAIN)


def _stamp(text: str) -> tuple[datetime | None, str]:
    found = _STAMP.match(text)
    if not found:
        return None, text
    fraction = (found[2] or ".0")[:7]
    zone = "+00:00" if found[3] == "Z" else found[3]
    try:
        return datetime.fromisoformat(f"{found[1]}{fraction:0<7}{zone}").astimezone(UTC), text[
            found.end() :
        ]
    except (ValueError, OverflowError):
        return None, text


def _epoch(value: object) -> datetime | None:
    """Seconds since 1970, as zap writes `ts`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC) if math.isfinite(value) else None
    except (ValueError, OverflowError, OSError):
        return None


def _text(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)  # the usual case, and ten times as fast
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "…"


_NO_PROMETHEUS = "Prometheus URL not configured, metrics endpoints will be disabled"
_NO_LOKI = "Loki URL not configured, logs endpoints will return empty results"
_NO_ARGOCD = "ArgoCD configuration incomplete, ArgoCD features disabled"
_NO_KUBE = "Failed to initialize Kubernetes client, ArgoCD RBAC management disabled"
_MIGRATION = {
    "Database migrations completed": "completed",
    "Failed to run database migrations": "failed",
    "Database auto-migration disabled (DB_AUTO_MIGRATE=false)": "disabled",
}


def startup(pod: str, lines: Iterable[LogLine]) -> StartupSeen | None:
    """What the startup lines tell; None where none of them is among the lines."""
    told: dict[str, Any] = {}
    for line in lines:
        told.update(_told(line))
    return StartupSeen(pod=pod, **told) if told else None


def _told(line: LogLine) -> dict[str, Any]:
    """The fields of `StartupSeen` that one line fills."""
    match line.message:
        case "Prometheus client initialized":
            return {
                "prometheus_configured": True,
                "prometheus_url": line.fields.get("baseURL"),
                "prometheus_namespace": line.fields.get("namespace"),
            }
        case "Loki client initialized":
            return {"loki_configured": True, "loki_url": line.fields.get("baseURL")}
        case "ArgoCD client initialized":
            return {"argocd_configured": True, "argocd_url": line.fields.get("serverURL")}
        case "Kubernetes client initialized":
            return {"kube_client": True}
        case message if message == _NO_PROMETHEUS:
            return {"prometheus_configured": False, "prometheus_url": ""}
        case message if message == _NO_LOKI:
            return {"loki_configured": False, "loki_url": ""}
        case message if message == _NO_ARGOCD:
            return {"argocd_configured": False}
        case message if message == _NO_KUBE:
            return {"kube_client": False}
        case message if message in _MIGRATION:
            error = line.fields.get("error", "")
            return {"migration": _MIGRATION[message], "migration_error": error}
    return {}
