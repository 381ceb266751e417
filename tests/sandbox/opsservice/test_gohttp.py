"""Upstream errors read as Go prints them."""

from __future__ import annotations

import pytest

from sandbox.network import Network
from sandbox.opsservice.gohttp import GoClient, GoError, decode
from sandbox.opsservice.http import send_json


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "EOF"),
        ("<html>", "invalid character '<' looking for beginning of value"),
        ('{"status":', "unexpected EOF"),
        ("[]", "json: cannot unmarshal array into Go value"),
        ('"x"', "json: cannot unmarshal string into Go value"),
        ('{"a":' * 100_000, "exceeded max depth"),
    ],
)
def test_what_cannot_be_decoded(text: str, error: str) -> None:
    with pytest.raises(GoError) as caught:
        decode(text)
    assert str(caught.value) == error


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("prometheus/x", 'Get "prometheus/x": unsupported protocol scheme ""'),
        ("prometheus:9090/x", 'Get "prometheus:9090/x": unsupported protocol scheme "prometheus"'),
        (
            "10.0.0.1:9090/x",
            'parse "10.0.0.1:9090/x": first path segment in URL cannot contain colon',
        ),
        ("http:///x", 'Get "http:///x": http: no Host in request URL'),
        ("http://a b/x", 'parse "http://a b/x": invalid character " " in host name'),
        ("http://a:b/x", 'parse "http://a:b/x": invalid port ":b" after host'),
        ("http://nowhere/x", 'Get "http://nowhere/x": dial tcp: lookup nowhere: no such host'),
    ],
)
async def test_what_cannot_be_reached(url: str, error: str) -> None:
    client = GoClient(Network(), timeout_s=1, base_url=url)
    try:
        with pytest.raises(GoError) as caught:
            await client.get(url)
    finally:
        await client.close()
    assert str(caught.value) == error


def test_json_is_written_as_go_writes_it() -> None:
    answer = send_json(200, {"whole": 3.0, "part": 0.5, "html": "<a&b>", "nil": None, "한": "글"})
    assert answer.body.decode() == (
        '{"whole":3,"part":0.5,"html":"\\u003ca\\u0026b\\u003e","nil":null,"한":"글"}'
    )


def test_an_infinite_value_leaves_an_empty_200() -> None:
    answer = send_json(200, {"p99Latency": float("inf")})
    assert (answer.status, answer.body, answer.size) == (200, b"", -1)
    assert "unsupported value: +Inf" in answer.error
