"""Given each scenario of the sandbox, when `check` looks at it, then it names exactly its causes.

The whole program runs as a person runs it: a process of its own, a sandbox of its own, and what
is asserted is what a script would read.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.scenario import load, names
from tests.running import PROGRAM, Ahead, Done, ahead, selected

pytestmark = [pytest.mark.slow, pytest.mark.needs_postgres]

_LIMIT_S = 120
_LOOK_S = "40"
"""A look may take its time: two sandboxes share the machine."""

_OPTIONS = {"healthy": ("--strict",)}


def check(scenario: str) -> Done:
    """`opsportal-tui check --sandbox SCENARIO`, as JSON."""
    return subprocess.run(
        [
            *(PROGRAM, "check", "--sandbox", scenario),
            *("--format", "json", *_OPTIONS.get(scenario, ())),
        ],
        capture_output=True,
        text=True,
        timeout=_LIMIT_S,
        check=False,
        env=os.environ | {"OPSPORTAL_TIMEOUT_S": _LOOK_S},
    )


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest) -> Iterator[Ahead]:
    with ahead(check, selected(request, "scenario"), at_once=2) as started:
        yield started


def read(done: Done) -> dict[str, Any]:
    """The one JSON object on stdout."""
    assert done.stdout, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def roots(answer: dict[str, Any]) -> list[str]:
    return [one["id"] for one in answer["causes"] if one["consequence_of"] is None]


@pytest.mark.parametrize("scenario", names())
def test_check_names_exactly_the_causes_of_the_scenario(scenario: str, runs: Ahead) -> None:
    done = runs.done(scenario)
    answer = read(done)
    assert sorted(roots(answer)) == sorted(load(scenario).causes), answer["causes"]
    failed = any(one["status"] == "fail" for one in answer["checks"])
    unknown = [one["summary"] for one in answer["checks"] if one["status"] == "unknown"]
    assert done.returncode == (1 if failed else 3 if unknown else 0)
    for cause in answer["causes"]:
        naming = [one for one in answer["checks"] if cause["id"] in one["causes"]]
        assert naming
        assert all(row["source"] for one in naming for row in one["evidence"])


def test_the_incident_fails_with_its_four_causes_and_no_traceback(runs: Ahead) -> None:
    done = runs.done("incident-v11")
    assert done.returncode == 1
    assert roots(read(done)) == [
        "prometheus.url-missing-prefix",
        "argocd.token-missing",
        "db.constraint-mismatch",
        "db.migration-disabled",
    ]
    assert "Traceback" not in done.stderr


def test_the_healthy_world_exits_0_with_nothing_to_say(runs: Ahead) -> None:
    done = runs.done("healthy")
    answer = read(done)
    assert (done.returncode, answer["causes"]) == (0, [])
    assert {one["status"] for one in answer["checks"]} == {"pass"}


def test_the_healthy_zero_is_told_as_the_truth(runs: Ahead) -> None:
    done = runs.done("healthy-no-traffic")
    portal = next(one for one in read(done)["checks"] if one["id"] == "portal.metrics")
    assert done.returncode == 0
    assert "0 is the truth" in portal["summary"]
