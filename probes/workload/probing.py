"""A container's probes in words (core/v1 Probe). Pure."""

from __future__ import annotations

from collections.abc import Iterator

from probes.rawjson import Obj, mapping, text
from probes.text import safe_text

_KINDS = ("startup", "readiness", "liveness")
_NUMBERS = (
    ("initialDelaySeconds", "after {} s"),
    ("periodSeconds", "every {} s"),
    ("timeoutSeconds", "waits {} s"),
    ("failureThreshold", "fails at {}"),
)


def probes_of(container: Obj) -> dict[str, str]:
    """`readiness` → `GET /health/ready port http, after 15 s, every 5 s`."""
    found = ((kind, mapping(container, f"{kind}Probe")) for kind in _KINDS)
    return {kind: ", ".join(_words(probe)) for kind, probe in found if probe}


def _words(probe: Obj) -> Iterator[str]:
    yield _asked(probe)
    for name, words in _NUMBERS:
        number = probe.get(name)
        if isinstance(number, int) and number:
            yield words.format(number)


def _asked(probe: Obj) -> str:
    http, tcp, grpc = (mapping(probe, one) for one in ("httpGet", "tcpSocket", "grpc"))
    if http:
        scheme = " by HTTPS" if text(http, "scheme") == "HTTPS" else ""
        return f"GET {text(http, 'path') or '/'} port {_port(http)}{scheme}"
    if tcp:
        return f"connects port {_port(tcp)}"
    if grpc:
        return f"gRPC health port {_port(grpc)}"
    command = mapping(probe, "exec").get("command")
    return f"runs {safe_text(' '.join(map(str, command)))}" if isinstance(command, list) else "?"


def _port(action: Obj) -> str:
    return safe_text(str(action.get("port", "-")))
