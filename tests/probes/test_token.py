"""What a token says of itself, and that no garbage breaks the reading of it."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from probes.token import claims_of, expires_at, fits_header, token_seen

KEY = "a-key-of-the-server-that-is-32-bytes-long"
ISSUED = datetime(2026, 1, 6, tzinfo=UTC)


def token(**claims: Any) -> SecretStr:
    return SecretStr(jwt.encode({"iss": "argocd", **claims}, KEY, algorithm="HS256"))


@pytest.mark.parametrize(
    ("subject", "kind", "account", "project"),
    [
        ("ops:apiKey", "account", "ops", ""),
        ("admin:login", "session", "admin", ""),
        ("proj:wealist-prod:portal", "project role", "", "wealist-prod"),
        ("CgYxMjM0NTY", "session", "CgYxMjM0NTY", ""),
        ("a:b:c:d", "unknown", "", ""),
        ("", "unknown", "", ""),
    ],
)
def test_the_subject_tells_the_kind(subject: str, kind: str, account: str, project: str) -> None:
    seen = token_seen(token(sub=subject))
    assert seen.well_formed
    assert (seen.kind, seen.account, seen.project) == (kind, account, project)


def test_times_are_utc_and_optional() -> None:
    stamp = int(ISSUED.timestamp())
    seen = token_seen(token(sub="ops:apiKey", iat=stamp, nbf=stamp, exp=stamp + 60))
    assert seen.issued_at == seen.not_before == ISSUED
    assert seen.expires_at == datetime(2026, 1, 6, 0, 1, tzinfo=UTC)
    assert token_seen(token(sub="ops:apiKey")).expires_at is None


@pytest.mark.parametrize("stamp", [10**400, float("nan"), "soon", True, None, -(10**20), [1]])
def test_a_strange_expiry_is_no_expiry(stamp: object) -> None:
    body = base64.urlsafe_b64encode(json.dumps({"exp": stamp}).encode()).decode().rstrip("=")
    assert expires_at(SecretStr(f"e30.{body}.sig")) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "a.b",
        "a.b.c.d",
        "....",
        "e30.e30.",
        "é.é.é",
        "e30.W10.x",
        "e30.e30.x\n",
        " a.b.c",
    ],
)
def test_what_is_no_token_is_not_well_formed(text: str) -> None:
    assert not token_seen(SecretStr(text)).well_formed


@given(st.text() | st.from_regex(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", fullmatch=True))
def test_no_text_breaks_it(text: str) -> None:
    token_seen(SecretStr(text))
    claims_of(text)


def test_the_fingerprint_is_short_and_one_way() -> None:
    secret = token(sub="ops:apiKey")
    seen = token_seen(secret)
    assert seen.fingerprint.startswith("sha256:")
    assert len(seen.fingerprint) == 19
    assert secret.get_secret_value() not in repr(seen)


def test_a_line_break_keeps_a_token_out_of_a_header() -> None:
    assert fits_header(token(sub="x"))
    assert not fits_header(SecretStr("a.b.c\n"))
    assert not fits_header(SecretStr(""))
