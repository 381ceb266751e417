"""Where Prometheus serves: taking its URL apart, and the hints at its route prefix. Pure.

Sources: Prometheus `cmd/prometheus/main.go` (`--web.route-prefix` defaults to the path of
`--web.external-url`; both are normalised to one leading slash and no trailing one) and
`web/web.go` (`GET /` redirects to the prefix, or without one to the page of its user interface).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

_OWN_PAGES = ("/query", "/graph", "/agent", "/classic", "/new")
"""Where Prometheus without a prefix sends a browser: pages, not prefixes."""

_PROBE_ENDINGS = ("/-/ready", "/-/healthy")
_SCHEME = re.compile(r"^(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://")
_PORT_IN_PATH = re.compile(r"/[^/:]+:(?P<port>\d{1,5})(?:/|$)")
_HOST_AND_PORT = re.compile(
    r"(?P<host>[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::(?P<port>\d{1,5}))?"
)
_LAST_PORT = 65_535
_PASSWORD = re.compile(r"(//[^/@:\s]*):[^/@\s]*@")
_FORBIDDEN = re.compile(r"[\s\x00-\x1f\x7f<>\"{}|\\^`]")


@dataclass(frozen=True, slots=True)
class Address:
    """A URL taken apart. `origin` has scheme, host and port, `prefix` no trailing slash.

    Where `malformed` says why it cannot be asked, `origin` is what its text still tells, or None.
    """

    origin: str | None
    host: str = ""
    prefix: str = ""
    malformed: str = ""


def take_apart(url: str) -> Address:
    """The parts of PROMETHEUS_URL, judged as Go's `net/url` and `net/http` would."""
    reason = _why_malformed(url)
    if reason:
        return Address(_origin_told_by(url), malformed=reason)
    parts = urlsplit(url)
    host = parts.hostname or ""
    # Credentials in the URL belong to every request, but to no origin that is shown.
    origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    return Address(origin, host, normalise(parts.path))


def without_password(url: str) -> str:
    """The URL as it may be shown: a password in it is masked."""
    return _PASSWORD.sub(r"\1:***@", url)


def _why_malformed(url: str) -> str:
    if _FORBIDDEN.search(url):
        return "it has a blank or another character that no URL may have"
    scheme = _SCHEME.match(url)
    if scheme is None:
        return "it has no scheme (http:// or https://)"
    if scheme["scheme"].lower() not in ("http", "https"):
        return f"its scheme is {scheme['scheme']}, neither http nor https"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "its port is not a number between 0 and 65535"
    if not parts.hostname:
        return "it has no host"
    if parts.query or parts.fragment or url.endswith(("?", "#")):
        return "it has a query or a fragment, which swallows the path of the API"
    if port is None and _PORT_IN_PATH.search(parts.path):
        return "the port stands after the path, not after the host"
    return ""


def _origin_told_by(text: str) -> str | None:
    """Scheme, host and port as far as a broken URL still tells them without doubt."""
    scheme = _SCHEME.match(text)
    secure = scheme is not None and scheme["scheme"].lower() == "https"
    rest = _SCHEME.sub("", text.strip()).rpartition("@")[2]
    authority, _, path = rest.partition("/")
    found = _HOST_AND_PORT.fullmatch(authority)
    if found is None or (scheme is None and "." not in found["host"] and not found["port"]):
        return None
    late = _PORT_IN_PATH.search(f"/{path}")
    port = found["port"] or (late["port"] if late else "")
    if port and int(port) > _LAST_PORT:
        return None
    return f"{'https' if secure else 'http'}://{found['host']}{f':{port}' if port else ''}"


def normalise(path: str) -> str:
    """A prefix as Prometheus keeps it; the empty one is `""`."""
    trimmed = path.strip("/")
    return f"/{trimmed}" if trimmed else ""


def from_redirect(location: str) -> str | None:
    """The prefix that the redirect of `GET /` tells, or None where it is a page."""
    path = normalise(urlsplit(location).path)
    is_page = any(path == page or path.startswith(f"{page}/") for page in _OWN_PAGES)
    return None if not path or is_page else path


def from_args(args: Iterable[str]) -> tuple[str, str] | None:
    """Prefix and the argument that tells it, or None where neither is given.

    Both `--flag=value` and `--flag value`, with one dash or two; the last one counts.
    """
    flags = _flags(args)
    if "web.route-prefix" in flags:
        return normalise(flags["web.route-prefix"]), "argument --web.route-prefix"
    if "web.external-url" in flags:
        path = urlsplit(flags["web.external-url"]).path
        return normalise(path), "path of argument --web.external-url"
    return None


def _flags(args: Iterable[str]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    words = iter(args)
    for word in words:
        name, equals, value = word.lstrip("-").partition("=")
        if word.startswith("-") and name in ("web.route-prefix", "web.external-url"):
            found[name] = value if equals else next(words, "")
    return found


def from_probe_path(path: str) -> str | None:
    """The prefix in a readiness or liveness path, or None where it is another kind of path."""
    bare = path.partition("?")[0]
    ending = next((one for one in _PROBE_ENDINGS if bare.endswith(one)), None)
    return None if ending is None else normalise(bare.removesuffix(ending))
