"""One contract for the real Prometheus and its stand-in: the same requests, the same answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from sandbox.prometheus.series import portal_series
from sandbox.prometheus.settings import Web
from sandbox.prometheus.standin import start_stand_in
from tests.sandbox.prometheus_servers import BOTH, NAMESPACE, PREFIX, client, prometheus, query

TEXT = "text/plain; charset=utf-8"


def shape(value: object) -> object:
    """The keys and types of an answer, without its values."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "number" if isinstance(value, int | float) else type(value).__name__


class TestOutsideThePrefix:
    @pytest.fixture(params=BOTH)
    async def http(self, request: pytest.FixtureRequest) -> AsyncIterator[httpx.AsyncClient]:
        async with prometheus(stand_in=request.param) as server, client(server) as http:
            yield http

    async def test_root_leads_to_the_prefix_and_all_else_is_text_404(
        self, http: httpx.AsyncClient
    ) -> None:
        root = await http.get("/")
        assert (root.status_code, root.headers["location"]) == (302, PREFIX)
        assert root.text == f'<a href="{PREFIX}">Found</a>.\n\n'
        for path in (
            "/api/v1/query?query=up",
            "/-/healthy",
            "/-/ready",
            "/metrics",
            "/foo",
            PREFIX + "x",
        ):
            answer = await http.get(path)
            assert answer.status_code == 404
            assert answer.headers["content-type"] == TEXT
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.text == "404 page not found\n"

    async def test_unknown_paths_below_the_prefix_are_the_same_404(
        self, http: httpx.AsyncClient
    ) -> None:
        for path in ("/nope", "/api/v1/nope", "/-/nope", "/api/v1/label/job"):
            answer = await http.get(PREFIX + path)
            assert (answer.status_code, answer.text) == (404, "404 page not found\n")

    async def test_paths_are_cleaned_by_redirects(self, http: httpx.AsyncClient) -> None:
        for path, location in {
            f"{PREFIX}//api/v1/query?query=up": f"{PREFIX}/api/v1/query?query=up",
            "//foo?x=1": "/foo?x=1",
            PREFIX: f"{PREFIX}/",
            f"{PREFIX}/api/v1/query/?query=1": "/query?query=1",
            f"{PREFIX}/-/ready/": f"{PREFIX}/-/ready",
        }.items():
            answer = await http.get(str(http.base_url).rstrip("/") + path)
            assert (answer.status_code, answer.headers["location"]) == (301, location)
            assert answer.headers["content-type"] == "text/html; charset=utf-8"
        posted = await http.post(f"{PREFIX}//api/v1/query", data={"query": "1"})
        assert (posted.status_code, posted.content) == (301, b"")
        assert posted.headers["location"] == f"{PREFIX}/api/v1/query"

    async def test_ready_and_healthy(self, http: httpx.AsyncClient) -> None:
        for name, word in (("ready", "Ready"), ("healthy", "Healthy")):
            answer = await http.get(f"{PREFIX}/-/{name}")
            assert (answer.status_code, answer.text) == (200, f"Prometheus Server is {word}.\n")
            assert answer.headers["content-type"] == TEXT
            assert (await http.head(f"{PREFIX}/-/{name}")).status_code == 200

    async def test_wrong_methods(self, http: httpx.AsyncClient) -> None:
        for method, path, allow in (
            ("POST", "/", "GET, OPTIONS"),
            ("POST", f"{PREFIX}/-/ready", "GET, HEAD, OPTIONS"),
            ("PUT", f"{PREFIX}/api/v1/query", "GET, OPTIONS, POST"),
        ):
            answer = await http.request(method, path)
            assert (answer.status_code, answer.text) == (405, "Method Not Allowed\n")
            assert answer.headers["allow"] == allow
        assert (await http.options(f"{PREFIX}/api/v1/query")).status_code == 204

    async def test_flags_name_the_prefix(self, http: httpx.AsyncClient) -> None:
        answer = await http.get(f"{PREFIX}/api/v1/status/flags")
        assert answer.headers["content-type"] == "application/json"
        data = answer.json()["data"]
        assert data["web.route-prefix"] == PREFIX
        assert data["web.external-url"] == f"https://api.wealist.co.kr{PREFIX}"
        assert all(isinstance(value, str) for value in data.values())

    async def test_runtime_and_build_information(self, http: httpx.AsyncClient) -> None:
        runtime = (await http.get(f"{PREFIX}/api/v1/status/runtimeinfo")).json()
        assert shape(runtime) == {
            "status": "str",
            "data": {
                "startTime": "str",
                "CWD": "str",
                "reloadConfigSuccess": "number",
                "lastConfigTime": "str",
                "corruptionCount": "number",
                "goroutineCount": "number",
                "GOMAXPROCS": "number",
                "GOGC": "str",
                "GODEBUG": "str",
                "storageRetention": "str",
            },
        }
        build = (await http.get(f"{PREFIX}/api/v1/status/buildinfo")).json()
        names = ("version", "revision", "branch", "buildUser", "buildDate", "goVersion")
        assert shape(build) == {"status": "str", "data": dict.fromkeys(names, "str")}
        assert (
            "job_name: prometheus"
            in ((await http.get(f"{PREFIX}/api/v1/status/config")).json()["data"]["yaml"])
        )

    async def test_metrics_are_the_text_format(self, http: httpx.AsyncClient) -> None:
        answer = await http.get(f"{PREFIX}/metrics")
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert "\nprometheus_ready 1\n" in answer.text

    @pytest.mark.slow
    async def test_it_scrapes_itself(self, http: httpx.AsyncClient) -> None:
        deadline = time.monotonic() + 20
        while True:
            data = (await http.get(f"{PREFIX}/api/v1/targets")).json()["data"]
            found = [t for t in data["activeTargets"] if t["health"] == "up"]
            if found or time.monotonic() > deadline:
                break
            await asyncio.sleep(0.1)
        assert data["droppedTargets"] == []
        assert found[0]["labels"] == {"instance": "localhost:9090", "job": "prometheus"}
        assert set(shape(found[0])) == {  # type: ignore[call-overload] # a dict, as its input is
            *("discoveredLabels", "labels", "scrapePool", "scrapeUrl", "globalUrl", "lastError"),
            *("lastScrape", "lastScrapeDuration", "health", "scrapeInterval", "scrapeTimeout"),
        }
        up = (await query(http, PREFIX, "up")).json()["data"]["result"]
        assert [(one["metric"]["job"], one["value"][1]) for one in up] == [("prometheus", "1")]


BAD_QUERIES = {
    "": "1:1: parse error: no expression found in input",
    "sum(": "1:5: parse error: unclosed left parenthesis",
    "up[5m": "1:6: parse error: unclosed left bracket",
    'up{a="b"': "1:9: parse error: unexpected end of input inside braces",
    "up up": '1:4: parse error: unexpected identifier "up"',
    "1 1": '1:3: parse error: unexpected number "1"',
    "1 + ": "1:5: parse error: unexpected end of input",
    "foo(up)": '1:1: parse error: unknown function with name "foo"',
    "up{a=b}": '1:6: parse error: unexpected identifier "b" in label matching, expected string',
    "sum(1,2)": "1:1: parse error: wrong number of arguments for aggregate expression provided,"
    " expected 1, got 2",
    "rate(up)": "1:6: parse error: expected type range vector in call to function"
    ' "rate", got instant vector',
    "histogram_quantile(up)": "1:1: parse error: expected 2 argument(s) in call to"
    ' "histogram_quantile", got 1',
    "{}": "1:1: parse error: vector selector must contain at least one non-empty matcher",
    ")": "1:2: parse error: unexpected right parenthesis ')'",
    "up & 1": "1:4: parse error: unexpected character: '&'",
    'up{job="x}': "1:8: parse error: unterminated quoted string",
    "1 > 2": "1:3: parse error: comparisons between scalars must use BOOL modifier",
    '1 + "a"': "1:5: parse error: binary expression must contain only scalar and"
    " instant vector types",
}


class TestBadRequests:
    @pytest.fixture(params=BOTH)
    async def http(self, request: pytest.FixtureRequest) -> AsyncIterator[httpx.AsyncClient]:
        async with prometheus(stand_in=request.param) as server, client(server) as http:
            yield http

    async def test_what_is_no_promql_is_bad_data(self, http: httpx.AsyncClient) -> None:
        for text, problem in BAD_QUERIES.items():
            answer = await query(http, PREFIX, text)
            assert answer.status_code == 400
            assert answer.headers["content-type"] == "application/json"
            assert answer.json() == {
                "status": "error",
                "errorType": "bad_data",
                "error": f'invalid parameter "query": {problem}',
            }

    async def test_bad_parameters(self, http: httpx.AsyncClient) -> None:
        for path, problem in {
            "query": 'invalid parameter "query": 1:1: parse error: no expression found in input',
            "query?query=1&time=abc": 'invalid parameter "time": Invalid time value for'
            " 'time': cannot parse \"abc\" to a valid timestamp",
            "series": "no match[] parameter provided",
            "series?match[]=up%7B": 'invalid parameter "match[]": 1:4: parse error:'
            " unexpected end of input inside braces",
            "label/a-b/values": 'invalid label name: "a-b"',
            "labels?start=x": "invalid parameter \"start\": Invalid time value for 'start':"
            ' cannot parse "x" to a valid timestamp',
            "query_range?query=1": 'invalid parameter "start": cannot parse ""'
            " to a valid timestamp",
            "query_range?query=1&start=5&end=1&step=2": 'invalid parameter "end":'
            " end timestamp must not be before start time",
            "query_range?query=1&start=1&end=5&step=0": 'invalid parameter "step": zero or'
            " negative query resolution step widths are not accepted. Try a positive integer",
            "query_range?query=1&start=1&end=5&step=x": 'invalid parameter "step":'
            ' cannot parse "x" to a valid duration',
            "query_range?query=1&start=0&end=100000&step=1": "exceeded maximum resolution of"
            " 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)",
            "query_range?query=up[5m]&start=1&end=5&step=1": 'invalid expression type "range'
            ' vector" for range query, must be Scalar or instant Vector',
        }.items():
            answer = await http.get(f"{PREFIX}/api/v1/{path}")
            body = {"status": "error", "errorType": "bad_data", "error": problem}
            assert (answer.status_code, answer.json()) == (400, body), path

    async def test_without_series_the_vector_is_empty(self, http: httpx.AsyncClient) -> None:
        answer = await query(http, PREFIX, "sum(rate(istio_requests_total[5m]))")
        assert answer.json() == {
            "status": "success",
            "data": {"resultType": "vector", "result": []},
        }

    async def test_scalars_strings_and_vectors(self, http: httpx.AsyncClient) -> None:
        for text, data in {
            "1 + 2 * 3 ^ 2": {"resultType": "scalar", "result": [5, "19"]},
            "-1 / 0": {"resultType": "scalar", "result": [5, "-Inf"]},
            "0 / 0": {"resultType": "scalar", "result": [5, "NaN"]},
            "1 > bool 2": {"resultType": "scalar", "result": [5, "0"]},
            "1e21 + 0.25": {"resultType": "scalar", "result": [5, "1000000000000000000000"]},
            "0.0000001": {"resultType": "scalar", "result": [5, "0.0000001"]},
            '"a"': {"resultType": "string", "result": [5, "a"]},
            "vector(2.5)": {
                "resultType": "vector",
                "result": [{"metric": {}, "value": [5, "2.5"]}],
            },
            "absent(nope{a='b'})": {
                "resultType": "vector",
                "result": [{"metric": {"a": "b"}, "value": [5, "1"]}],
            },
            "nope or vector(0)": {
                "resultType": "vector",
                "result": [{"metric": {}, "value": [5, "0"]}],
            },
        }.items():
            answer = await query(http, PREFIX, text, time="5")
            assert answer.json() == {"status": "success", "data": data}, text

    async def test_post_and_range(self, http: httpx.AsyncClient) -> None:
        posted = await http.post(f"{PREFIX}/api/v1/query", data={"query": "7", "time": "1.5"})
        assert posted.json()["data"] == {"resultType": "scalar", "result": [1.5, "7"]}
        span = {"query": "time()", "start": "1970-01-01T00:00:01Z", "end": "5", "step": "2s"}
        ranged = await http.get(f"{PREFIX}/api/v1/query_range", params=span)
        assert ranged.json()["data"] == {
            "resultType": "matrix",
            "result": [{"metric": {}, "values": [[1, "1"], [3, "3"], [5, "5"]]}],
        }


@pytest.mark.parametrize("stand_in", BOTH)
async def test_labels_and_series_are_listed(*, stand_in: bool) -> None:
    now = time.time()
    async with prometheus(stand_in=stand_in) as server, client(server) as http:
        await server.push(portal_series(now))
        api = f"{PREFIX}/api/v1"
        match = {"match[]": 'istio_requests_total{response_code="500",reporter="destination"}'}
        named = await http.get(f"{api}/label/destination_service_name/values", params=match)
        services = [
            f"{name}-service"
            for name in ("auth", "board", "chat", "noti", "ops", "storage", "user")
        ]
        assert named.json() == {"status": "success", "data": services}
        labels = (await http.get(f"{api}/labels", params=match)).json()["data"]
        assert labels == sorted(labels)
        assert {"__name__", "reporter", "destination_service_namespace"} <= set(labels)
        series = (await http.get(f"{api}/series", params=match)).json()["data"]
        assert sorted(one["destination_service_name"] for one in series) == services
        assert (await http.get(f"{api}/label/nope/values")).json()["data"] == []


@pytest.mark.parametrize("stand_in", BOTH)
async def test_jobs_and_the_last_hour_per_service_as_a_dashboard_asks(*, stand_in: bool) -> None:
    now = time.time()
    end = int(now) // 120 * 120
    where = f'reporter="destination", destination_service_namespace="{NAMESPACE}"'
    failed = f'{where}, response_code=~"5.."'
    span = {"start": str(end - 3600), "end": str(end), "step": "120"}
    async with prometheus(stand_in=stand_in) as server, client(server) as http:
        await server.push(portal_series(now))
        for total in ("sum", "count"):
            found = (await query(http, PREFIX, f"{total} by (job) (up)")).json()["data"]["result"]
            jobs = {one["metric"]["job"]: one["value"][1] for one in found}
            assert jobs.keys() >= {"envoy-stats", "kube-state-metrics", "node-exporter"}
            assert set(jobs.values()) == {"1"}
        rates = []
        for matchers in (where, failed):
            promql = f"rate(istio_requests_total{{{matchers}}}[5m])"
            span["query"] = f"sum by (destination_service_name) ({promql})"
            answer = await http.get(f"{PREFIX}/api/v1/query_range", params=span)
            data = answer.raise_for_status().json()["data"]
            assert data["resultType"] == "matrix"
            rates.append({one["metric"]["destination_service_name"]: one for one in data["result"]})
    requests, failures = rates
    assert len(requests) == len(failures) == 7
    board = requests["board-service"]
    assert list(board["metric"]) == ["destination_service_name"]
    times = [at for at, _value in board["values"]]
    assert times == list(range(times[0], end + 1, 120)), "one point for each step, to the end"
    assert times[0] <= end - 3600 + 360, "from where the history begins"
    assert float(board["values"][-1][1]) == pytest.approx(44.2, rel=0.02)
    assert float(failures["board-service"]["values"][-1][1]) == pytest.approx(0.02, rel=0.2)


@pytest.mark.parametrize("prefix", ["", "/"])
@pytest.mark.parametrize("stand_in", BOTH)
async def test_without_a_prefix_the_root_leads_to_its_own_page(
    *, stand_in: bool, prefix: str
) -> None:
    async with prometheus(stand_in=stand_in, prefix=prefix) as server, client(server) as http:
        assert server.prefix == ""
        assert "--web.route-prefix=/" in server.args
        root = await http.get("/")
        assert root.status_code == 302
        # Debian's build has the classic page only.
        assert root.headers["location"].replace("/classic", "") == "/graph"
        assert (await http.get("/-/ready")).status_code == 200
        flags = (await http.get("/api/v1/status/flags")).json()["data"]
        assert flags["web.route-prefix"] == "/"
        assert (await query(http, "", "vector(1)")).status_code == 200


@pytest.mark.parametrize("stand_in", BOTH)
async def test_hanging_it_accepts_and_never_answers(*, stand_in: bool) -> None:
    async with prometheus(stand_in=stand_in) as server:
        server.hang()
        async with client(server) as http:
            with pytest.raises(httpx.ReadTimeout):
                await http.get(f"{PREFIX}/-/ready", timeout=0.3)
            server.resume()
            assert (await http.get(f"{PREFIX}/-/ready")).status_code == 200
        server.hang()  # a hanging server must still end


@pytest.mark.parametrize("stand_in", BOTH)
async def test_stopped_it_refuses(*, stand_in: bool) -> None:
    async with prometheus(stand_in=stand_in) as server, client(server) as http:
        await server.stop()
        with pytest.raises(httpx.ConnectError):
            await http.get("/")


async def test_pod_arguments_are_those_of_production() -> None:
    async with prometheus(stand_in=True) as server:
        assert f"--web.external-url=https://api.wealist.co.kr{PREFIX}" in server.args
        assert f"--web.route-prefix={PREFIX}" in server.args
        assert "--web.enable-remote-write-receiver" in server.args


async def test_while_it_is_not_ready_only_healthy_and_metrics_answer() -> None:
    web = Web.at(PREFIX, "https://api.wealist.co.kr")
    server = await start_stand_in(web)
    server.ready = False
    async with client(server) as http:
        for path in ("/-/ready", "/api/v1/query?query=1", "/api/v1/targets"):
            answer = await http.get(PREFIX + path)
            assert (answer.status_code, answer.text) == (503, "Service Unavailable")
        for path in ("/-/healthy", "/metrics"):
            assert (await http.get(PREFIX + path)).status_code == 200
        assert (await http.get("/")).headers["location"] == PREFIX
    await server.stop()
