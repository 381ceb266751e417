"""Bad input: each gives one clear sentence, the rest still answers, nothing hangs, no traceback.

`check` runs as a person runs it, against a sandbox of its own or against nothing at all.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox.launch import Running, launch
from tests.running import PROGRAM, Ahead, Done, ahead, selected

pytestmark = [pytest.mark.slow, pytest.mark.needs_postgres]

_PROBE_LIMIT_S = 15.0
"""Generous: other sandboxes run at the same time, and nothing here waits for it."""
_LIMIT_S = 120


@dataclass(frozen=True)
class Verdict:
    """What one run of `check` gave."""

    code: int
    answer: dict[str, Any]
    stderr: str

    def summary(self, check: str) -> str:
        found = next(one for one in self.answer["checks"] if one["id"] == check)
        return f"{found['status']}: {found['summary']}"

    def statuses(self) -> set[str]:
        return {one["status"] for one in self.answer["checks"]}


def run(*options: str, **variables: str) -> Done:
    """`check --format json` with those options, and none of this machine's settings."""
    kept = ("PATH", "HOME", "LANG")
    env = {name: os.environ[name] for name in kept if name in os.environ}
    return subprocess.run(
        [PROGRAM, "check", "--format", "json", "--timeout", str(_PROBE_LIMIT_S), *options],
        capture_output=True,
        text=True,
        timeout=_LIMIT_S,
        check=False,
        env=env | variables | {"XDG_CONFIG_HOME": "/nonexistent"},
    )


def check(kubeconfig: Path | str, *options: str) -> Verdict:
    return judged(run(*options, KUBECONFIG=str(kubeconfig)))


def judged(done: Done) -> Verdict:
    """What it found. However bad the input, it ends with JSON and without a traceback."""
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    assert done.stdout, done.stderr
    answer = json.loads(done.stdout)
    for one in answer["checks"]:
        assert one["summary"].count("\n") == 0
    return Verdict(done.returncode, answer, done.stderr)


@pytest.fixture(scope="module")
def healthy() -> Iterator[Running]:
    """A healthy sandbox, kept by a loop of its own for as long as the module runs."""
    there: list[Running] = []
    started, stop = threading.Event(), threading.Event()

    async def keep() -> None:
        async with launch("healthy") as running:
            there.append(running)
            started.set()
            await asyncio.to_thread(stop.wait, 300)

    thread = threading.Thread(target=lambda: asyncio.run(keep()))
    thread.start()
    assert started.wait(_LIMIT_S)
    yield there[0]
    stop.set()
    thread.join(_LIMIT_S)


def changed(running: Running, folder: Path, old: str, new: str) -> Path:
    """A copy of the sandbox's kubeconfig with one thing changed."""
    path = folder / "kubeconfig"
    path.write_text(running.kubeconfig.read_text().replace(old, new))
    return path


def test_without_a_token_the_numbers_are_worked_out_and_everything_passes(
    healthy: Running,
) -> None:
    done = check(healthy.kubeconfig)
    assert (done.code, done.statuses()) == (0, {"pass"})
    portal = next(one for one in done.answer["checks"] if one["id"] == "portal.metrics")
    assert "worked out" in json.dumps(portal["evidence"])


def test_a_missing_kubeconfig(tmp_path: Path) -> None:
    done = check(tmp_path / "nowhere")
    assert (done.code, done.statuses()) == (3, {"unknown"})
    assert str(tmp_path / "nowhere") in done.summary("workload.rollout")


def test_a_broken_kubeconfig(tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text("{[ no yaml")
    done = check(path)
    assert (done.code, done.statuses()) == (3, {"unknown"})
    assert str(path) in done.summary("workload.rollout")


def test_an_unknown_context(healthy: Running) -> None:
    done = check(healthy.kubeconfig, "--context", "sandbx")
    assert done.code == 3
    assert "sandbox" in done.summary("workload.rollout")


def test_a_namespace_without_the_workload(healthy: Running) -> None:
    done = check(healthy.kubeconfig, "-n", "argocd")
    assert done.code == 1
    roots = [one["id"] for one in done.answer["causes"] if one["consequence_of"] is None]
    assert roots == ["workload.not-found"]


def test_an_api_server_that_cannot_be_reached(healthy: Running, tmp_path: Path) -> None:
    path = changed(healthy, tmp_path, healthy.addresses["kubernetes"], "https://127.0.0.1:1")
    done = check(path)
    assert (done.code, done.statuses()) == (3, {"unknown"})
    assert "refuses the connection" in done.summary("workload.rollout")


def test_a_forbidden_read_of_secrets(healthy: Running) -> None:
    done = check(healthy.kubeconfig, "--context", "readonly")
    assert done.code == 3
    assert done.answer["causes"] == []
    assert "secrets" in done.summary("argocd.token")
    for readable in ("workload.rollout", "argocd.application", "loki.url"):
        assert done.summary(readable).startswith("pass"), done.summary(readable)
    assert "may not" in done.summary("prometheus.url")


def test_nothing_is_permitted(healthy: Running) -> None:
    done = check(healthy.kubeconfig, "--context", "nobody")
    assert done.code == 3
    assert done.answer["causes"] == []


def check_with_fault(kind: str) -> Done:
    """`check --sandbox` where Prometheus fails in that way."""
    with tempfile.TemporaryDirectory() as folder:
        world = Path(folder) / "world.toml"
        world.write_text(f'title = "t"\nsummary = "s"\n[faults]\nprometheus = "{kind}"\n')
        return run("--sandbox", str(world))


@pytest.fixture(scope="module", autouse=True)
def faulty(request: pytest.FixtureRequest) -> Iterator[Ahead]:
    """Those runs go on while the other tests of the module do."""
    with ahead(check_with_fault, selected(request, "kind"), at_once=1) as started:
        yield started


_NOT_READY = "none of its 1 pods is ready"
"""The pod's own readiness probe is the first to meet the fault."""


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("hanging", _NOT_READY),
        ("html", "answers 200 (text/html; charset=utf-8), which is no Prometheus API"),
        ("huge", _NOT_READY),
        ("reset", _NOT_READY),
        ("unavailable", _NOT_READY),
    ],
)
def test_a_prometheus_that_misbehaves_is_told_and_leaves_the_other_checks_alone(
    kind: str, words: str, faulty: Ahead
) -> None:
    done = judged(faulty.done(kind))
    for alone in ("argocd.server", "db.connection", "db.migration", "workload.rollout"):
        assert done.summary(alone).startswith("pass"), done.summary(alone)
    assert done.summary("prometheus.url").startswith("fail")
    assert words in done.summary("prometheus.url")
