"""By hand: Argo CD. The token is read into a variable, never written into a command."""

from __future__ import annotations

from collections.abc import Iterator

from probes.byhand.command import By, Command, started_with
from probes.byhand.reaching import curl, forwarding
from probes.model import ApplicationSeen, ArgoCDSeen, seen_in

_KEY = "ARGOCD_TOKEN"
_KEYS = 'go-template={{range $k, $v := .data}}{{$k}} {{len $v}}{{"\\n"}}{{end}}'
_BEARER = '-H "Authorization: Bearer $ARGOCD_TOKEN"'
"""In double quotes: the shell puts the value in when it runs."""


def _url(by: By) -> str:
    return (by.config.argocd_url.value or "").rstrip("/")


def _curl(by: By, path: str, *options: str) -> str:
    there = forwarding(by, _url(by))
    insecure = ("-k",) if by.config.argocd_insecure else ()
    return curl(f"{_url(by)}{path}", *insecure, *(there.options if there else ()), *options)


def _reaching(by: By) -> Iterator[Command]:
    there = forwarding(by, _url(by))
    if there:
        yield there.command


def _secret(by: By) -> str:
    """The Secret that has the token, else the one that the chart means for it."""
    variable = by.environment.variables.get(_KEY)
    if variable and variable.origin.kind == "Secret":
        return variable.origin.name
    seen = seen_in(by.snapshot.argocd)
    holders = seen.holders if isinstance(seen, ArgoCDSeen) else ()
    found = holders if isinstance(holders, tuple) else ()
    return found[0].secret if found else "wealist-argocd-secret"


def _key(by: By) -> str:
    """The key of that Secret: a reference by key may have another name than the variable."""
    variable = by.environment.variables.get(_KEY)
    return (variable.origin.key if variable else "") or _KEY


def _is_plain(by: By) -> bool:
    """Whether the token stands in a ConfigMap or in the pod's template, where it should not."""
    variable = by.environment.variables.get(_KEY)
    return variable is not None and variable.origin.kind != "Secret"


def token(by: By) -> Iterator[Command]:
    """Is there a token, and is it accepted?"""
    yield started_with(by, "ArgoCD c")
    if _is_plain(by):
        listed = by.kubectl("set", "env", by.target, "--list", "--resolve")
        read = f"{listed} | sed -n 's/^{_KEY}=//p'"
    else:
        secret = _secret(by)
        keys = by.kubectl("get", "secret", secret, "--ignore-not-found", "-o", _KEYS)
        yield Command("the keys of its Secret, with the lengths of their base64", keys)
        path = f"jsonpath={{.data.{_key(by)}}}"
        read = by.kubectl("get", "secret", secret, "--ignore-not-found", "-o", path)
        read += " | base64 -d"
    yield Command("read the token into a variable", f'{_KEY}="$({read})"')
    yield from _reaching(by)
    yield Command("who it is", f"{_curl(by, '/api/v1/session/userinfo')} {_BEARER}")
    fields = "/api/v1/applications?fields=items.metadata.name"
    yield Command("what it may list", f"{_curl(by, fields)} {_BEARER}")


def server(by: By) -> Iterator[Command]:
    """Does the server answer as an API?"""
    yield from _reaching(by)
    yield Command("its version, as JSON", _curl(by, "/api/version", "-i"))


def application(by: By) -> Iterator[Command]:
    """Is the Application synced, and who owns it?"""
    seen = seen_in(by.snapshot.application)
    if isinstance(seen, ApplicationSeen):
        name, namespace = seen.name, seen.namespace
    else:
        name, namespace = by.snapshot.workload_name, by.config.argocd_namespace
    for what, output in (
        ("its state", "wide"),
        ("who manages it", _path("metadata.annotations.argocd\\.argoproj\\.io/tracking-id")),
        ("its parameters", _path("spec.source.helm.parameters")),
        ("what it says of itself", _path("status.conditions")),
    ):
        told = ("get", "applications.argoproj.io", name, "-o", output)
        yield Command(what, by.kubectl(*told, namespace=namespace))


def _path(path: str) -> str:
    return f"jsonpath={{.{path}}}"
