"""The Prometheus panel: the address against the truth, the lie, the jobs, the last hour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from probes.model import FailureKind, ServiceRates, Snapshot, Status
from tests.checks import worlds as w
from tests.tui.dashboards import healthy, incident, unseen
from tests.widgets.panels import WIDTHS, lines, rows, styles_of, text
from widgets.prometheus_panel import PrometheusPanel
from widgets.status import style_of

PANEL = PrometheusPanel(1)
FAIL = style_of(Status.FAIL)


def with_rates(*services: ServiceRates, **changes: object) -> Snapshot:
    return w.world(prometheus=w.prometheus(rates=w.rates(*services, **changes)))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("world", [incident, healthy, unseen], ids=lambda world: world.__name__)
def test_it_is_readable_at_every_width(world: Callable[[], Snapshot], width: int) -> None:
    assert lines(PANEL, world(), width)


def test_a_missing_prefix_stands_under_the_url_as_in_a_diff() -> None:
    told = lines(PANEL, incident(), 96)
    assert told[0] == w.ORIGIN
    assert told[1] == f"+ {w.PREFIX}  not in the URL"
    assert styles_of(PANEL, incident(), w.PREFIX) == [f"{FAIL} underline"]
    assert told[2] == "query   ✗ fail  404 text/plain"


def test_another_prefix_is_marked_where_it_stands() -> None:
    seen = w.prometheus(url=f"{w.ORIGIN}/prometheus", url_query=w.NOT_FOUND)
    world = w.world(prometheus=seen)
    assert f"+ {w.PREFIX} not what the URL has" in text(PANEL, world)
    assert styles_of(PANEL, world, "/prometheus") == [f"{FAIL} underline"]


def test_a_prefix_too_much_is_told_as_well() -> None:
    seen = w.prometheus(candidates=(w.candidate(""),), url_query=w.NOT_FOUND)
    assert "+ (no prefix) not what the URL has" in text(PANEL, w.world(prometheus=seen))


def test_the_right_url_needs_no_more_words() -> None:
    told = lines(PANEL, healthy(), 96)
    assert told[:2] == [w.ORIGIN + w.PREFIX, "query   ✓ pass  200 JSON"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"url": None, "url_query": None},
            f"✗ fail PROMETHEUS_URL is not set + {w.ORIGIN}{w.PREFIX} is the address",
        ),
        ({"malformed": "it has no host", "url": "http:///x"}, "✗ fail it has no host"),
        ({"candidates": (), "traffic": None}, "prefix ? unknown not found"),
    ],
)
def test_what_cannot_be_asked_says_why(changes: dict[str, object], said: str) -> None:
    assert said in text(PANEL, w.world(prometheus=w.prometheus(**changes)), 96)


def test_a_zero_that_is_a_lie_is_marked_beside_what_is_counted() -> None:
    told = lines(PANEL, incident())
    portal = told.index("portal  ✗ fail  shows 0")
    assert told[portal + 1] == "actual  182,043 requests/h"
    assert styles_of(PANEL, incident(), "0") == [f"{FAIL} underline"]


def test_a_zero_that_is_true_is_not_marked() -> None:
    quiet = w.world(portal=w.portal(overview=w.ZERO), prometheus=w.prometheus(traffic=w.traffic(0)))
    assert "portal ! warn shows 0 actual 0 requests/h" in text(PANEL, quiet)
    assert styles_of(PANEL, quiet, "0") == []


def test_numbers_take_no_verdict_on_something_else() -> None:
    """The check fails for the applications alone: the number of requests is right."""
    refused = w.portal(by_api=True, applications_answer=w.reply(500))
    told = text(PANEL, w.world(portal=refused))
    assert "portal 5,000 requests/h actual 5,000 requests/h" in told


def test_jobs_that_are_down_stand_by_name_below_the_services() -> None:
    told = lines(PANEL, incident())
    jobs = told.index("jobs    ! warn  14 up · 2 down")
    assert told[jobs + 1].startswith("requests/s")
    down = told.index("down    ✗ 0/1   redis-exporter")
    assert told[down - 1].startswith("ops-service")
    assert told[down + 1] == "        ! 8/10  envoy-stats"
    assert "jobs ✓ pass 16 up" in text(PANEL, healthy())


def test_of_many_jobs_that_are_down_the_worst_are_named() -> None:
    scrapes = w.scrapes(*(w.job(f"job-{number}", 0) for number in range(9)))
    told = text(PANEL, w.world(prometheus=w.prometheus(scrapes=scrapes)))
    assert "job-4 and 4 more" in told
    assert "job-5" not in told


def test_jobs_that_were_not_answered_are_unknown() -> None:
    scrapes = w.scrapes()
    failed = replace(scrapes.up, answer=w.failure(FailureKind.HUNG))
    seen = w.prometheus(scrapes=replace(scrapes, up=failed))
    assert "jobs ? unknown not answered" in text(PANEL, w.world(prometheus=seen))


def test_each_service_has_its_hour_its_rate_and_its_errors() -> None:
    told = lines(PANEL, incident(), 44)
    start = told.index("requests/s, last hour            now    5xx")
    assert told[start + 1 : start + 8] == [
        "user-service    ▄▇▇▆▅▅▄▅▆▆▇▇▇▆▅ 38.9 ✗ 2.4%",
        "auth-service    ▅▄▇▇▆▅▅▄▅▆▆▇▇▇▆ 33.2 ! 0.3%",
        "board-service   ▇▇▆▅▅▄▅▆▆▇▇▇▆▅▅ 44.2  0.04%",
        "chat-service    ▆▇▆▆▅▄▅▅▆▇▇▇▆▆▅ 41.7     0%",
        "noti-service    ▅▆▇▆▆▅▄▅▅▆▇▇▇▆▆ 35.9     0%",
        "storage-service ▅▅▆▇▆▆▅▄▅▅▆▇▇▇▆ 32.7     0%",
        "ops-service     ▇▇▇▇▇▇▇▇▇▇         –      –",
    ]


def test_where_there_is_room_the_errors_have_their_hour_too() -> None:
    burst = [0.0] * 25 + [30.0] * 6
    service = w.service("a-service", 10.0)
    failing = replace(service, failures=tuple(10 * share / 100 for share in burst))
    told = lines(PANEL, with_rates(failing), 96)
    (line,) = [one for one in told if one.startswith("a-service")]
    assert line.endswith(f"10.0 {'▁' * 25}{'▇' * 6} ✗ 30%")
    assert "▁" not in text(PANEL, with_rates(failing), 38), "the requests alone"


@pytest.mark.parametrize(
    ("rate", "said"),
    [(0, "0"), (0.004, "<0.01"), (0.5, "0.50"), (44.21, "44.2"), (1234.6, "1,235")],
)
def test_rates_are_told_as_exactly_as_matters(rate: float, said: str) -> None:
    told = lines(PANEL, with_rates(w.service("a", rate)), 38)
    (line,) = [one for one in told if one.startswith("a ")]
    assert line.split()[-2] == said


@pytest.mark.parametrize(
    ("share", "said", "style"),
    [
        (0.0, "0%", "dim"),
        (0.003, "<.01%", ""),
        (0.09, "0.09%", ""),
        (0.11, "! 0.1%", style_of(Status.WARN)),
        (1.5, "✗ 1.5%", FAIL),
        (100.0, "✗ 100%", FAIL),
    ],
)
def test_errors_take_a_status_beyond_the_objective(share: float, said: str, style: str) -> None:
    world = with_rates(w.service("a", 64.0, share))
    assert f" 64.0 {said} " in text(PANEL, world, 38)
    drawn = styles_of(PANEL, world, said)
    assert drawn == ([style] if style else [])


def test_what_was_not_answered_is_no_zero() -> None:
    hung = w.failure(FailureKind.HUNG, "p:9090 gave no answer in 4.5 s")
    nothing = with_rates(w.service("a", 1.0), requests=hung, services=())
    assert "? unknown p:9090 gave no answer in 4.5 s" in text(PANEL, nothing)
    blind = replace(w.service("a", 64.0), failures=None)
    told = text(PANEL, with_rates(blind, failures=w.reply(503, "text/plain")), 38)
    assert "64.0 – ? unknown 5xx: it answers 503" in told


def test_no_service_in_the_namespace_is_told() -> None:
    told = text(PANEL, with_rates(w.service("a", 1.0), services=(), namespace="wealist-dev"))
    assert "no requests are counted in wealist-dev, but in wealist-prod" in told
    told = text(PANEL, with_rates(w.service("a", 1.0), services=()))
    assert "no requests are counted in wealist-prod set by" in told


def test_smaller_services_are_counted() -> None:
    assert "and 5 smaller ones" in text(PANEL, with_rates(w.service("a", 1.0), left_out=5))


def test_the_same_look_is_the_same_rows() -> None:
    assert rows(PANEL, incident()) == rows(PANEL, incident()), "so that nothing is drawn again"


def test_names_that_are_cut_stay_apart() -> None:
    services = [w.service(f"ops-portal-{name}", 1.0) for name in ("frontend", "backend")]
    told = lines(PANEL, with_rates(*services), 30)
    assert any(line.startswith("frontend ▇") for line in told)
    other = w.service("a-service-with-a-name-of-its-own", 1.0)
    for width in WIDTHS:
        told = lines(PANEL, with_rates(*services, other), width)
        named = [line.split()[0] for line in told if "1.00" in line]
        assert len(set(named)) == len(named) == 3


def test_a_name_takes_the_cells_that_are_left() -> None:
    told = lines(PANEL, with_rates(w.service("ops-portal-frontend-of-prod", 1.0)), 34)
    (line,) = [one for one in told if "1.00" in one]
    assert line.split()[0] == "ops-porta…-of-prod"
    assert len(line) == 34
