"""From cause to verified fix, as a person runs it: in whole sandboxes, all of them side by side."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

import pytest

from tests.remedies.moto import REGION, aws_variables

pytestmark = [pytest.mark.slow, pytest.mark.needs_postgres]

_LIMIT_S = 120.0

_BY_EXTERNAL_SECRET = f"""
title = "An expired token that an ExternalSecret brings"
summary = "It would put back whatever is written into the Secret by hand."
causes = ["argocd.token-expired"]
[argocd]
token = "expired"
delivered = "external-secret"
[[objects]]
kind = "ExternalSecret"
namespace = "wealist-prod"
name = "wealist-argocd-secret"
[[objects.merge.spec.data]]
secretKey = "ARGOCD_TOKEN"
remoteRef = {{ key = "wealist/prod/ops-service", property = "argocd_token" }}
[remote]
endpoint = "ENDPOINT"
region = "{REGION}"
"""


async def fixed(folder: Path, scenario: str, cause: str, *options: str, **env: str) -> None:
    """`fix CAUSE --sandbox SCENARIO --yes` ends well, and nothing it says or keeps has a token.

    Its looks have all the time they need: four sandboxes start at once.
    """
    program = str(Path(sys.executable).with_name("opsportal-tui"))
    state = folder / Path(scenario).stem
    child = await asyncio.create_subprocess_exec(
        *(program, "fix", cause, "--sandbox", scenario, "--yes", *options),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        env={**os.environ, **env, "XDG_STATE_HOME": str(state), "OPSPORTAL_TIMEOUT_S": "40"},
    )
    try:
        out, err = await asyncio.wait_for(child.communicate(), _LIMIT_S)
    finally:
        if child.returncode is None:
            child.terminate()
            await child.communicate()
    told = f"{out.decode()}\n{err.decode()}"
    assert child.returncode == 0, told
    assert "applied and verified: argocd.token: accepted as proj:wealist-prod:ops-portal" in told
    (journal,) = state.rglob("journal.jsonl")
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    assert lines[-1]["state"] == "applied and verified"
    assert [one["step"] for one in lines if one["event"] == "intent"][-1] == "await-rollout"
    assert "eyJ" not in told + journal.read_text()


async def test_the_portal_lists_its_applications_again(tmp_path: Path, endpoint: str) -> None:
    path = tmp_path / "by-external-secret.toml"
    path.write_text(_BY_EXTERNAL_SECRET.replace("ENDPOINT", endpoint))
    aws = dict(aws_variables(endpoint))
    async with asyncio.TaskGroup() as group:
        for scenario in ("argocd-token-missing", "incident-v11"):
            group.create_task(fixed(tmp_path, scenario, "argocd.token-missing"))
        group.create_task(fixed(tmp_path, "argocd-token-expired", "argocd.token-expired"))
        stored = fixed(tmp_path, str(path), "argocd.token-expired", "--set", "store=aws", **aws)
        group.create_task(stored)
