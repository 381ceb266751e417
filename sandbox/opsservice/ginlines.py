"""gin's own lines in debug mode: plain text between the JSON, one for each route."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sandbox.opsservice.http import Route

_GLOBAL_HANDLERS = 5  # recovery, tracing, access log, CORS, metrics


def banner() -> tuple[str, ...]:
    """What `gin.New()` prints."""
    return (
        '[GIN-debug] [WARNING] Running in "debug" mode. Switch to "release" mode in production.',
        " - using env:\texport GIN_MODE=release",
        " - using code:\tgin.SetMode(gin.ReleaseMode)",
        "",
    )


def route_lines(routes: Iterable[Route]) -> Iterator[str]:
    """One line for each route, its chain's length at the end."""
    for route in routes:
        guards = 0 if not route.role else 1 if route.role == "jwt" else 2
        count = _GLOBAL_HANDLERS + guards + 1
        yield (
            f"[GIN-debug] {route.method:<6} {route.pattern:<25} --> {route.go_handler}"
            f" ({count} handlers)"
        )


def is_early(route: Route) -> bool:
    """Whether the route is registered before the services are: metrics and health."""
    return route.pattern == "/metrics" or "/health" in route.pattern
