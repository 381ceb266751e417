"""The portal probe: by its API with a token, by ops-service's own queries without one."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from pydantic import SecretStr

from probes import portal
from probes.model import Failure, FailureKind, OverviewNumbers, PortalSeen, Reply
from probes.opsservice import ops_config
from probes.profile import Profile
from probes.reach import open_reach
from probes.tokensource import TokenSource
from tests.probes.cluster import beside
from tests.probes.loopback import (
    HANG,
    NOT_FOUND,
    Answering,
    Loopback,
    Request,
    Response,
    answering,
    html_answer,
    json_answer,
)
from tests.probes.seen import environment, workload
from tests.waiting import until

TOKEN = "user-access-token-of-somebody"
SERVICE = "ops-service.wealist-prod.svc.cluster.local"
OVERVIEW = {
    "totalRequests": 1200.5,
    "avgResponseTime": 12,
    "errorPercentage": 0.5,
    "activeServices": 7,
    "totalEndpoints": 0,
}


GIVEN = TokenSource.portal(Profile(), SecretStr(f" {TOKEN}\n"))


def success(data: object) -> Response:
    return json_answer({"success": True, "data": data})


def ops_service(**answers: Response) -> Answering:
    """ops-service's routes by their last word; what is not told answers 404."""

    def answer(request: Request) -> Response:
        if request.path == "/health/ready":
            return answers.get("ready", json_answer({"status": "ready"}))
        if request.path == "/api/config/active":
            return answers.get("active", success({}))
        return answers.get(request.path.rsplit("/", 1)[1], NOT_FOUND)

    return answer


HEALTHY = ops_service(
    overview=success(OVERVIEW),
    applications=success([{"name": "a"}, {"name": "b"}]),
    recent=success(None),
)


async def look(
    there: Loopback,
    values: Mapping[str, str] | None = None,
    timeout_s: float = 5.0,
    tokens: TokenSource | None = None,
    **profile_fields: Any,
) -> PortalSeen:
    profile = Profile(**{"portal_url": there.url, **profile_fields})
    settings = dict(values or {})
    async with open_reach(profile) as reach:
        return await portal.observe(
            beside(reach, {}, {SERVICE: "127.0.0.1"}),
            profile,
            ops_config(environment(settings)),
            workload(settings),
            timeout_s=timeout_s,
            tokens=tokens,
        )


async def test_with_a_token_the_portal_itself_is_asked() -> None:
    async with answering(HEALTHY) as there:
        seen = await look(there, tokens=GIVEN)
    assert seen.by_api
    assert seen.overview == OverviewNumbers(1200.5, 12, 0.5, 7)
    assert seen.applications == 2
    assert isinstance(seen.health, Reply)
    assert seen.recent_errors is None, "there is no zero to explain"
    assert there.paths() == [
        "/api/config/active",
        "/api/monitoring/applications",
        "/api/monitoring/metrics/overview",
        "/health/ready",
    ]
    sent = {one.path: one.headers.get("authorization") for one in there.requests}
    assert sent["/api/monitoring/applications"] == f"Bearer {TOKEN}"
    assert sent["/health/ready"] is None, "no token where none is needed"
    assert TOKEN not in repr(seen)


async def test_only_zeros_make_it_ask_the_route_that_tells_a_failing_prometheus() -> None:
    zeros = dict.fromkeys(OVERVIEW, 0)
    async with answering(ops_service(overview=success(zeros), applications=success([]))) as there:
        seen = await look(there, tokens=GIVEN)
    assert isinstance(seen.recent_errors, Reply)
    assert "/api/monitoring/errors/recent" in there.paths()


async def test_without_a_portal_url_its_service_is_asked() -> None:
    async with answering(HEALTHY) as there:
        values = {"SERVER_PORT": str(there.port), "SERVER_BASE_PATH": "/api/"}
        seen = await look(there, values, portal_url=None)
    assert isinstance(seen.health, Reply)
    assert isinstance(seen.config_active, Reply)
    assert (seen.health.status, seen.config_active.status) == (200, 200)


async def test_null_applications_are_none_at_all() -> None:
    async with answering(ops_service(overview=success(OVERVIEW), applications=success(None))) as it:
        assert (await look(it, tokens=GIVEN)).applications == 0


@pytest.mark.parametrize("status", [401, 403, 429, 500])
async def test_a_refusal_of_the_api_is_kept(status: int) -> None:
    refused = json_answer({"success": False, "message": "Access denied"}, status)
    async with answering(ops_service(overview=refused, applications=refused)) as there:
        seen = await look(there, tokens=GIVEN)
    assert (seen.overview, seen.applications) == (None, None)
    assert isinstance(seen.overview_answer, Reply)
    assert seen.overview_answer.status == status
    assert "Access denied" in seen.overview_answer.excerpt


@pytest.mark.parametrize("answer", [html_answer(), success(None), success([]), json_answer(3)])
async def test_odd_answers_are_no_numbers(answer: Response) -> None:
    async with answering(ops_service(overview=answer)) as there:
        assert (await look(there, tokens=GIVEN)).overview is None


def prometheus(values: Mapping[str, str | None]) -> Answering:
    """Answers each query by the first word of `values` found in it; None is an empty result."""

    def answer(request: Request) -> Response:
        expression = request.query.get("query", "")
        value = next((found for word, found in values.items() if word in expression), None)
        result = [] if value is None else [{"metric": {}, "value": [1, value]}]
        data = {"resultType": "vector", "result": result}
        return json_answer({"status": "success", "data": data})

    return answer


async def test_without_a_token_the_numbers_are_worked_out() -> None:
    told = {"increase(": "1200.5", "histogram": "12", "5..": "0.5", "count(": "7"}
    async with answering(HEALTHY) as there, answering(prometheus(told)) as prom:
        seen = await look(
            there, {"PROMETHEUS_URL": prom.url, "PROMETHEUS_NAMESPACE": "wealist-prod"}
        )
    assert not seen.by_api
    assert seen.overview == OverviewNumbers(1200.5, 12, 0.5, 7)
    assert seen.applications is None
    assert [one.query["query"] for one in prom.requests if "[1h]" in one.query["query"]] == [
        'sum(increase(istio_requests_total{reporter="destination", '
        'destination_service_namespace="wealist-prod"}[1h]))'
    ]
    assert len(prom.requests) == 4


async def test_nan_and_nothing_are_zero() -> None:
    async with answering(HEALTHY) as there, answering(prometheus({"histogram": "NaN"})) as prom:
        seen = await look(there, {"PROMETHEUS_URL": prom.url})
    assert seen.overview == OverviewNumbers(0, 0, 0, 0)
    assert all(one.answered for one in seen.queries)


async def test_a_wrong_path_is_zero_as_ops_service_has_it() -> None:
    async with answering(HEALTHY) as there, answering(lambda _: NOT_FOUND) as prom:
        seen = await look(there, {"PROMETHEUS_URL": prom.url})
    assert seen.overview is not None
    assert seen.overview.all_zero
    assert not any(one.answered for one in seen.queries)


async def test_a_redirect_is_followed_as_go_follows_it() -> None:
    def answer(request: Request) -> Response:
        if request.path.startswith("//"):
            query = f"query={request.query['query'].replace(' ', '+').replace('+', '%2B')}"
            return Response(301, headers={"Location": f"/api/v1/query?{query}"})
        return prometheus({"": "5"})(request)

    async with answering(HEALTHY) as there, answering(answer) as prom:
        seen = await look(there, {"PROMETHEUS_URL": f"{prom.url}/"})
    assert seen.overview == OverviewNumbers(5, 5, 5, 5)


async def test_an_unset_url_asks_nobody_and_a_broken_one_shows_zero() -> None:
    async with answering(HEALTHY) as there:
        unset = await look(there)
        broken = await look(there, {"PROMETHEUS_URL": "prometheus:9090"})
    assert (unset.overview, unset.queries) == (None, ())
    assert broken.overview == OverviewNumbers(0, 0, 0, 0)
    assert isinstance(broken.queries[0].answer, Failure)
    assert broken.queries[0].answer.kind is FailureKind.MALFORMED


async def test_hanging_prometheus_leaves_the_rest_answered_in_time() -> None:
    async with answering(HEALTHY) as there, answering(lambda _: HANG) as prom:
        seen = await look(there, {"PROMETHEUS_URL": prom.url}, timeout_s=1.0)
    assert isinstance(seen.health, Reply)
    assert prom.most_at_once == len(seen.queries) > 1
    assert {one.answer.kind for one in seen.queries if isinstance(one.answer, Failure)} == {
        FailureKind.HUNG
    }


def script(text: str) -> tuple[str, ...]:
    return (sys.executable, "-S", "-c", text)


async def test_a_command_gives_the_token_and_is_not_run_again(tmp_path: Path) -> None:
    ends = datetime.now(UTC) + timedelta(minutes=30)
    printed = jwt.encode({"exp": int(ends.timestamp())}, "k" * 32, algorithm="HS256")
    runs = tmp_path / "runs"
    command = script(f"open({str(runs)!r}, 'a').write('x'); print({printed!r})")
    tokens = TokenSource.portal(Profile(token_command=command))
    async with answering(HEALTHY) as there:
        for _ in range(2):
            assert (await look(there, tokens=tokens)).by_api
        assert runs.read_text() == "x"
    refused = json_answer({"error": {"code": "UNAUTHORIZED"}}, 401)
    async with answering(ops_service(overview=refused)) as there:
        await look(there, tokens=tokens)
        await look(there, tokens=tokens)
    assert runs.read_text() == "xx", "a token that was refused is not kept"


async def test_a_token_about_to_end_is_fetched_anew(tmp_path: Path) -> None:
    ends = datetime.now(UTC) + timedelta(seconds=10)
    printed = jwt.encode({"exp": int(ends.timestamp())}, "k" * 32, algorithm="HS256")
    runs = tmp_path / "runs"
    command = script(f"open({str(runs)!r}, 'a').write('x'); print({printed!r})")
    tokens = TokenSource.portal(Profile(token_command=command))
    await tokens.token(5)
    await tokens.token(5)
    assert runs.read_text() == "xx"


@pytest.mark.parametrize(
    ("command", "kind", "told"),
    [
        (script("import sys; print('hidden', file=sys.stderr); sys.exit(3)"), "unauthorized", "3"),
        (script("pass"), "malformed", "empty"),
        (script("print('two words')"), "malformed", "blanks"),
        (("/no/such/command",), "not-found", "No such file"),
        (script("import time; time.sleep(60)"), "timeout", "no token within"),
        (script("import sys; sys.stdin.read() or sys.exit(7)"), "unauthorized", "7"),
    ],
)
async def test_a_command_without_a_token_leaves_the_worked_out_numbers(
    command: tuple[str, ...], kind: str, told: str
) -> None:
    async with answering(HEALTHY) as there:
        seen = await look(there, token_command=command, timeout_s=1.0)
    assert not seen.by_api
    assert seen.token_failure is not None
    assert seen.token_failure.kind == kind
    assert told in seen.token_failure.sentence
    assert "hidden" not in repr(seen)
    assert isinstance(seen.health, Reply)


async def test_children_of_a_slow_command_are_ended_with_it(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    command = (
        "/bin/sh",
        "-c",
        f"sleep 60 & echo $! > {pid_file}.part; mv {pid_file}.part {pid_file}; wait",
    )
    async with answering(HEALTHY) as there:
        await look(there, token_command=command, timeout_s=1.0)
    pid = int(pid_file.read_text())
    await until(lambda: not _runs(pid))


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.parametrize("given", ["", "  \n"])
async def test_an_empty_token_is_none_at_all(given: str) -> None:
    assert await TokenSource.portal(Profile(), SecretStr(given)).token(1) is None
