"""What hints at Prometheus' prefix, and what is wrong with a broken PROMETHEUS_URL."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.prometheus import prefix

HOST = "prometheus.wealist-prod.svc.cluster.local:9090"


@pytest.mark.parametrize(
    ("url", "origin", "path"),
    [
        (f"http://{HOST}", f"http://{HOST}", ""),
        (f"http://{HOST}/", f"http://{HOST}", ""),
        (
            f"http://{HOST}/api/monitoring/prometheus",
            f"http://{HOST}",
            "/api/monitoring/prometheus",
        ),
        (f"http://{HOST}/prom//", f"http://{HOST}", "/prom"),
        ("https://user:secret@prom.example.com/p", "https://prom.example.com", "/p"),
        ("http://[::1]:9090/p", "http://[::1]:9090", "/p"),
    ],
)
def test_a_good_url_is_taken_apart(url: str, origin: str, path: str) -> None:
    address = prefix.take_apart(url)
    assert (address.origin, address.prefix, address.malformed) == (origin, path, "")


@pytest.mark.parametrize(
    ("url", "reason", "origin"),
    [
        (HOST, "scheme", f"http://{HOST}"),
        ("10.0.0.1:9090/p", "scheme", "http://10.0.0.1:9090"),
        ("prometheus", "scheme", None),
        ("", "scheme", None),
        ("ftp://host:9090", "neither http nor https", "http://host:9090"),
        ("http:///prometheus", "no host", None),
        ("http://:9090/x", "no host", None),
        ("http://host:90x0/", "port is not a number", None),
        ("http://host:99999/", "port is not a number", None),
        ("http://host/prometheus:9090/", "port stands after the path", "http://host:9090"),
        ("http://host:9090/p?x=1", "query", "http://host:9090"),
        ("http://host:9090 ", "blank", "http://host:9090"),
        ("http://host:9090\n", "blank", "http://host:9090"),
    ],
)
def test_a_broken_url_is_explained(url: str, reason: str, origin: str | None) -> None:
    address = prefix.take_apart(url)
    assert reason in address.malformed
    assert address.origin == origin


@given(st.text())
def test_any_text_is_taken_apart(text: str) -> None:
    address = prefix.take_apart(text)
    assert address.malformed or address.origin
    prefix.from_redirect(text)
    prefix.from_probe_path(text)
    prefix.from_args([text, text])


def test_a_password_in_the_url_is_not_shown() -> None:
    assert prefix.without_password("http://me:secret@host/x") == "http://me:***@host/x"
    assert prefix.without_password("http://host:9090/a@b") == "http://host:9090/a@b"


@pytest.mark.parametrize(
    ("location", "found"),
    [
        ("/api/monitoring/prometheus", "/api/monitoring/prometheus"),
        ("https://api.example.com/prom/", "/prom"),
        ("/query", None),
        ("/graph", None),
        ("/agent", None),
        ("/classic/graph", None),
        ("/", None),
        ("", None),
        ("/querying", "/querying"),
    ],
)
def test_the_root_redirects_to_the_prefix_or_to_a_page(location: str, found: str | None) -> None:
    assert prefix.from_redirect(location) == found


@pytest.mark.parametrize(
    ("args", "found"),
    [
        (["--web.route-prefix=/a/b/"], "/a/b"),
        (["--web.route-prefix", "/a"], "/a"),
        (["-web.route-prefix=a"], "/a"),
        (["--web.external-url=https://x.example.com/a/b", "--web.route-prefix=/c"], "/c"),
        (["--web.external-url=https://x.example.com/a/b"], "/a/b"),
        (["--web.external-url", "https://x.example.com/a"], "/a"),
        (["--web.external-url=https://x.example.com/a", "--web.route-prefix=/"], ""),
        (["--web.route-prefix"], ""),
        (["--config.file=/etc/x.yml"], None),
        ([], None),
    ],
)
def test_arguments_tell_the_prefix(args: list[str], found: str | None) -> None:
    told = prefix.from_args(args)
    assert (told[0] if told else None) == found


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/api/monitoring/prometheus/-/ready", "/api/monitoring/prometheus"),
        ("/-/healthy", ""),
        ("/p/-/ready?x=1", "/p"),
        ("/metrics", None),
    ],
)
def test_probe_paths_tell_the_prefix(path: str, found: str | None) -> None:
    assert prefix.from_probe_path(path) == found
