"""Routing: paths as Go's ServeMux and Prometheus' router treat them, status and body included."""

from __future__ import annotations

import posixpath
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

Handler = Callable[[Request], Awaitable[Response]]

_PLAIN = "text/plain; charset=utf-8"
_NOSNIFF = {"X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True)
class Route:
    """What answers at a path; `base` is the mount point that redirects forget to name."""

    handler: Handler
    methods: tuple[str, ...] = ("GET",)
    base: str = ""


def plain(status: int, text: str) -> Response:
    """A page of the server's own."""
    return Response(text, status, {"Content-Type": _PLAIN})


def go_error(status: int, text: str, methods: Iterable[str] = ()) -> Response:
    """What Go's `http.Error` writes."""
    headers = {"Content-Type": _PLAIN, **_NOSNIFF}
    if methods:
        headers["Allow"] = ", ".join(sorted({*methods, "OPTIONS"}))
    return Response(f"{text}\n", status, headers)


def not_found() -> Response:
    """What every unknown path answers: text, never the API's JSON."""
    return go_error(404, "404 page not found")


def redirect(request: Request, status: int, location: str) -> Response:
    """What Go's `http.Redirect` writes; the query is the caller's to keep."""
    reason = {301: "Moved Permanently", 302: "Found"}[status]
    if request.method not in ("GET", "HEAD"):
        return Response(b"", status, {"Location": location})
    body = f'<a href="{location}">{reason}</a>.\n\n'
    headers = {"Content-Type": "text/html; charset=utf-8", "Location": location}
    return Response(body, status, headers)


def _with_query(request: Request, path: str) -> str:
    query = request.url.query
    return f"{path}?{query}" if query else path


def _clean(path: str) -> str:
    """Go's `cleanPath`: no `//`, `.` or `..`; a trailing slash stays."""
    clean = posixpath.normpath(f"/{path.lstrip('/')}")
    return clean if clean == "/" or not path.endswith("/") else f"{clean}/"


Routes = Callable[[str], Route | None]


async def dispatch(request: Request, routes: Routes) -> Response:
    """Answers a request by the route of its path."""
    path = request.scope["path"]
    if path != (clean := _clean(path)):
        return redirect(request, 301, _with_query(request, clean))
    route = routes(path)
    if route is None:
        return _without_slash(request, routes, path)
    if request.method == "OPTIONS":
        return Response(status_code=204)
    if request.method not in route.methods:
        return go_error(405, "Method Not Allowed", route.methods)
    return await route.handler(request)


def _without_slash(request: Request, routes: Routes, path: str) -> Response:
    """A trailing slash is redirected away; below a mount point that loses the mount point."""
    route = routes(path.rstrip("/")) if path.endswith("/") and path != "/" else None
    if route is None or request.method != "GET":
        return not_found()
    return redirect(request, 301, _with_query(request, path.rstrip("/").removeprefix(route.base)))
