"""Given each scenario of the sandbox, when `check` looks at it, then it names exactly its causes.

The whole program runs as a person runs it: a process of its own, a sandbox of its own, and what
is asserted is what a script would read.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sandbox.scenario import load, names

pytestmark = [pytest.mark.slow, pytest.mark.needs_postgres]

_LIMIT_S = 60


def check(scenario: str, *options: str) -> subprocess.CompletedProcess[str]:
    """`opsportal-tui check --sandbox SCENARIO`, with the script that the install put in place."""
    program = Path(sys.executable).with_name("opsportal-tui")
    return subprocess.run(
        [program, "check", "--sandbox", scenario, *options],
        capture_output=True,
        text=True,
        timeout=_LIMIT_S,
        check=False,
    )


def read(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The one JSON object on stdout."""
    assert done.stdout, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def roots(answer: dict[str, Any]) -> list[str]:
    return [one["id"] for one in answer["causes"] if one["consequence_of"] is None]


@pytest.mark.parametrize("scenario", names())
def test_check_names_exactly_the_causes_of_the_scenario(scenario: str) -> None:
    done = check(scenario, "--format", "json")
    answer = read(done)
    assert sorted(roots(answer)) == sorted(load(scenario).causes), answer["causes"]
    failed = any(one["status"] == "fail" for one in answer["checks"])
    unknown = [one["summary"] for one in answer["checks"] if one["status"] == "unknown"]
    assert done.returncode == (1 if failed else 3 if unknown else 0)
    for cause in answer["causes"]:
        naming = [one for one in answer["checks"] if cause["id"] in one["causes"]]
        assert naming
        assert all(row["source"] for one in naming for row in one["evidence"])


def test_the_incident_fails_with_its_four_causes_and_no_secret_in_the_output() -> None:
    done = check("incident-v11", "--format", "json")
    assert done.returncode == 1
    assert roots(read(done)) == [
        "prometheus.url-missing-prefix",
        "argocd.token-missing",
        "db.constraint-mismatch",
        "db.migration-disabled",
    ]
    assert "Traceback" not in done.stderr


def test_the_healthy_world_exits_0_with_nothing_to_say() -> None:
    done = check("healthy", "--format", "json", "--strict")
    answer = read(done)
    assert (done.returncode, answer["causes"]) == (0, [])
    assert {one["status"] for one in answer["checks"]} == {"pass"}


def test_the_healthy_zero_is_told_as_the_truth() -> None:
    done = check("healthy-no-traffic")
    assert done.returncode == 0
    assert "0 is the truth" in done.stdout
