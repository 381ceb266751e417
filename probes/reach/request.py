"""One request to be made, taken apart: what is asked, what goes with it, how it is told."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

import httpx
from pydantic import SecretStr

from probes.model import Failure, FailureKind, ProbeError
from probes.reach.exchange import Target, authority
from probes.text import Redactor, safe_text

_SHOWN = 1_000
_HOST = re.compile(rb"[A-Za-z0-9._:-]+")


@dataclass(frozen=True, slots=True)
class Request:
    """A GET, or a write with JSON. `shown` is for people: no userinfo, the query readable."""

    url: httpx.URL
    shown: str
    insecure: bool
    limit_bytes: int
    authorization: SecretStr | None
    secrets: tuple[SecretStr, ...] = field(default=())
    method: str = "GET"
    content: bytes = field(default=b"", repr=False)

    @property
    def port(self) -> int:
        """The port, the scheme's own where the URL has none."""
        return self.url.port or (443 if self.url.scheme == "https" else 80)

    def headers(self) -> dict[str, str]:
        """What identifies us, never to be logged or told; and that a write is JSON.

        Argo CD answers 415 to a write that does not say so, also to one without a body.
        """
        told = {} if self.method == "GET" else {"Content-Type": "application/json"}
        if self.authorization:
            told["Authorization"] = self.authorization.get_secret_value()
        return told

    def target(self, route: str, address: str, port: int | None = None) -> Target:
        """Where this request goes by one route."""
        return Target(
            self.url, self.shown, route, address, port, method=self.method, content=self.content
        )


def request(
    url: str,
    params: Mapping[str, str] | None,
    token: SecretStr | None,
    insecure: bool,
    limit_bytes: int,
    *,
    method: str = "GET",
    body: object = None,
) -> Request:
    """Take a URL apart. Raises ProbeError (malformed) where it is none that can be asked.

    `body` goes out as JSON; None is no body.
    """
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise _unaskable("that is not a URL") from error
    if parsed.scheme not in ("http", "https") or not _HOST.fullmatch(parsed.raw_host):
        raise _unaskable("a URL begins with http:// or https:// and a host name")
    authorization, secrets = _authorization(parsed, token)
    bare = parsed.copy_with(userinfo=b"")
    if params:
        bare = bare.copy_merge_params(dict(params))
    text = safe_text(Redactor(secrets)(f"{method} {_readable(bare)}"), _SHOWN)
    content = b"" if body is None else json.dumps(body).encode()
    return Request(
        bare, text, insecure, limit_bytes, authorization, secrets, method=method, content=content
    )


def _readable(url: httpx.URL) -> str:
    query = url.query.decode("ascii", "replace")
    path = url.raw_path.decode("ascii", "replace").partition("?")[0]
    host = url.netloc.decode("ascii", "replace") or authority(url)
    return f"{url.scheme}://{host}{path}" + (f"?{unquote_plus(query)}" if query else "")


def _authorization(
    url: httpx.URL, token: SecretStr | None
) -> tuple[SecretStr | None, tuple[SecretStr, ...]]:
    """The header's value, and the secrets in it: the token, else the URL's own user."""
    if token is not None:
        value = token.get_secret_value()
        if not value.isascii() or not value.isprintable():
            raise _unaskable("the token holds characters that no header can carry")
        return SecretStr(f"Bearer {value}"), (token,)
    if not url.userinfo:
        return None, ()
    pair = f"{url.username}:{url.password}".encode()
    encoded = base64.b64encode(pair).decode("ascii")
    return SecretStr(f"Basic {encoded}"), (SecretStr(url.password), SecretStr(encoded))


def _unaskable(why: str) -> ProbeError:
    return ProbeError(Failure(FailureKind.MALFORMED, f"nothing can be asked: {why}"))
