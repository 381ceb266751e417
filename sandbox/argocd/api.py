"""The API server's stand-in as an ASGI application: routes, and what answers everything else."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from sandbox.argocd import applications, errors, routes_projects, routes_resources, routes_session
from sandbox.argocd.call import Handler, Server, endpoint, failure, is_acceptable, unsupported

_ANY = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_PAGE = """\
<!doctype html><html lang="en"><head><meta charset="UTF-8"><title>Argo CD</title>\
<base href="/"><meta name="viewport" content="width=device-width,initial-scale=1">\
<link rel="icon" type="image/png" href="assets/favicon/favicon-32x32.png" sizes="32x32"/>\
</head><body><noscript><p>Your browser does not support JavaScript.</p></noscript>\
<div id="app"></div><script defer="defer" src="main.js"></script></body></html>
"""

_APPLICATION = "/api/v1/applications/{name}"
_ROLE_TOKEN = "/api/v1/projects/{project}/roles/{role}/token"

_PUBLIC: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/api/version", routes_session.version),
    ("GET", "/api/v1/settings", routes_session.settings),
    ("POST", "/api/v1/session", routes_session.login),
    ("GET", "/api/v1/session/userinfo", routes_session.userinfo),
)
_ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/api/v1/account", routes_session.list_accounts),
    (
        "GET",
        "/api/v1/account/can-i/{resource}/{action}/{subresource:path}",
        routes_session.can_i,
    ),
    ("GET", "/api/v1/account/{name}", routes_session.get_account),
    ("POST", "/api/v1/account/{name}/token", routes_session.create_token),
    ("DELETE", "/api/v1/account/{name}/token/{id}", routes_session.delete_token),
    ("GET", "/api/v1/projects", routes_projects.list_projects),
    ("GET", "/api/v1/projects/{project}", routes_projects.get_project),
    ("POST", _ROLE_TOKEN, routes_projects.create_token),
    ("DELETE", f"{_ROLE_TOKEN}/{{iat}}", routes_projects.delete_token),
    ("GET", "/api/v1/applications", applications.list_applications),
    ("GET", _APPLICATION, applications.get_application),
    ("PUT", _APPLICATION, applications.put_application),
    ("PATCH", _APPLICATION, applications.patch_application),
    ("POST", f"{_APPLICATION}/sync", applications.sync_application),
    ("DELETE", f"{_APPLICATION}/operation", applications.terminate_operation),
    ("GET", f"{_APPLICATION}/resource-tree", routes_resources.resource_tree),
    ("GET", f"{_APPLICATION}/managed-resources", routes_resources.managed_resources),
)


def argocd_app(server: Server) -> Starlette:
    """argocd-server: its API under /api, and the web interface's page everywhere else."""
    routes = [Route("/healthz", _healthz)]
    for method, path, handler in _PUBLIC:
        answer = endpoint(server, handler, public=True)
        routes.append(Route(path, answer, methods=[method]))
    for method, path, handler in _ROUTES:
        routes.append(Route(path, endpoint(server, handler), methods=[method]))
    known = [Route(path, _wrong_method, methods=_ANY) for _, path, _ in _PUBLIC + _ROUTES]
    rest = [
        Route("/api/{path:path}", _not_found, methods=_ANY),
        Route("/{path:path}", _page, methods=_ANY),
    ]
    # A known path with another method falls through to the second list, anything else to the third.
    application = Starlette(routes=[*routes, *known, *rest])
    application.router.redirect_slashes = False
    return application


async def _healthz(_request: Request) -> Response:
    return PlainTextResponse("ok")


async def _not_found(request: Request) -> Response:
    if not is_acceptable(request):
        return unsupported()
    return failure(errors.not_found("Not Found"))


async def _wrong_method(request: Request) -> Response:
    if not is_acceptable(request):
        return unsupported()
    return failure(errors.unimplemented("Method Not Allowed"))


async def _page(_request: Request) -> Response:
    return HTMLResponse(_PAGE)
