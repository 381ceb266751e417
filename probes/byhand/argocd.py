"""By hand: Argo CD. The token is read into a variable, never written into a command."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from probes.byhand.command import By, Command, started_with
from probes.model import ApplicationSeen, ArgoCDSeen

_KEY = "ARGOCD_TOKEN"
_KEYS = 'go-template={{range $k, $v := .data}}{{$k}} {{len $v}}{{"\\n"}}{{end}}'


def _url(by: By) -> str:
    return (by.config.argocd_url.value or "").rstrip("/")


def _curl(by: By, path: str, *options: str) -> str:
    insecure = ("-k",) if by.config.argocd_insecure else ()
    return shlex.join(("curl", "-sS", "--max-time", "10", *insecure, *options, f"{_url(by)}{path}"))


def _secret(by: By) -> str:
    """The Secret that has the token, else the one that the chart means for it."""
    variable = by.environment.variables.get(_KEY)
    if variable and variable.origin.kind == "Secret":
        return variable.origin.name
    seen = by.snapshot.argocd.seen if by.snapshot.argocd else None
    holders = seen.holders if isinstance(seen, ArgoCDSeen) else ()
    found = holders if isinstance(holders, tuple) else ()
    return found[0].secret if found else "wealist-argocd-secret"


def token(by: By) -> Iterator[Command]:
    """Is there a token, and is it accepted?"""
    secret = _secret(by)
    keys = by.kubectl("get", "secret", secret, "--ignore-not-found", "-o", _KEYS)
    yield Command("the keys of its Secret, with the lengths of their base64", keys)
    yield started_with(by, "ArgoCD c")
    path = f"jsonpath={{.data.{_KEY}}}"
    read = by.kubectl("get", "secret", secret, "--ignore-not-found", "-o", path)
    yield Command("read the token into a variable", f'ARGOCD_TOKEN="$({read} | base64 -d)"')
    header = '-H "Authorization: Bearer $ARGOCD_TOKEN"'
    yield Command("who it is", f"{_curl(by, '/api/v1/session/userinfo')} {header}")
    fields = "/api/v1/applications?fields=items.metadata.name"
    yield Command("what it may list", f"{_curl(by, fields)} {header}")


def server(by: By) -> Iterator[Command]:
    """Does the server answer as an API?"""
    yield Command("its version, as JSON", _curl(by, "/api/version", "-i"))


def application(by: By) -> Iterator[Command]:
    """Is the Application synced, and who owns it?"""
    seen = by.snapshot.application.seen if by.snapshot.application else None
    if isinstance(seen, ApplicationSeen):
        name, namespace = seen.name, seen.namespace
    else:
        name, namespace = by.snapshot.workload_name, by.config.argocd_namespace
    kind = "applications.argoproj.io"
    yield Command("its state", by.kubectl("get", kind, name, namespace=namespace))
    owner = "jsonpath={.metadata.annotations.argocd\\.argoproj\\.io/tracking-id}"
    yield Command("who manages it", by.kubectl("get", kind, name, "-o", owner, namespace=namespace))
    parameters = "jsonpath={.spec.source.helm.parameters}"
    yield Command(
        "its parameters", by.kubectl("get", kind, name, "-o", parameters, namespace=namespace)
    )
