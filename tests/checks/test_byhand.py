"""Given a world, when a check is verified by hand, these commands are to be typed."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
from collections.abc import Mapping

import pytest

from probes.byhand import commands
from probes.model import CheckId, Snapshot
from probes.profile import Profile
from tests.checks import worlds
from tests.tui.dashboards import denied, healthy, incident, unseen
from tui.target import Request, open_target

WORLDS = [incident(), healthy(), unseen(), denied()]


def shells(check: CheckId, snapshot: Snapshot, context: str = "prod") -> list[str]:
    return [one.shell for one in commands(check, snapshot, context)]


@pytest.mark.parametrize("check", CheckId)
@pytest.mark.parametrize("world", WORLDS, ids=["incident", "healthy", "unseen", "denied"])
def test_each_check_has_commands_that_a_shell_understands(check: CheckId, world: Snapshot) -> None:
    told = commands(check, world, "prod")
    assert told
    script = "\n".join(one.shell for one in told)
    done = subprocess.run(
        ["bash", "-n"], input=script, text=True, capture_output=True, timeout=10, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    for command in told:
        assert command.what
        if command.shell.startswith("kubectl"):
            assert "--context prod" in command.shell


def test_no_command_holds_a_secret() -> None:
    secrets = {"ARGOCD_TOKEN": "aaaa.bbbb.cccc", "DB_PASSWORD": "hunter22"}
    url = "http://user:s3cr3t@prometheus:9090"
    settings = dict(worlds.SETTINGS) | secrets | {"PROMETHEUS_URL": url}
    world = worlds.world(
        workload=worlds.workload(environment=worlds.environment(settings), startup=None)
    )
    script = "\n".join(shell for check in CheckId for shell in shells(check, world))
    assert not re.search(r"aaaa\.bbbb|hunter22|s3cr3t", script)
    assert "$ARGOCD_TOKEN" in script


def test_names_are_the_real_ones_and_quoted() -> None:
    (prefix, *_) = shells(CheckId.PROMETHEUS_ROUTE_PREFIX, incident(), "my context")
    assert prefix.startswith("kubectl --context 'my context' -n wealist-prod get pods")
    url = "\n".join(shells(CheckId.PROMETHEUS_URL, incident()))
    assert f"{worlds.ORIGIN}/api/v1/query?query=up" in url
    assert f"{worlds.ORIGIN}{worlds.PREFIX}/api/v1/query?query=up" in url
    assert "logs ops-service-1 -c ops-service" in url


def test_the_curl_pod_passes_the_admission_policies() -> None:
    shell = shells(CheckId.PROMETHEUS_URL, incident())[-1]
    assert '"limits":{"cpu":"100m","memory":"64Mi"}' in shell
    assert ":latest" not in shell
    assert "-service-" not in shell.split(" run ")[1].split()[0]


@pytest.mark.slow
@pytest.mark.needs_postgres
@pytest.mark.needs_kubectl
async def test_the_kubectl_commands_run_on_the_sandbox() -> None:
    async with open_target(Request(Profile(), sandbox="incident-v11")) as target:
        snapshot = await target.sweeper.run()
        environ = os.environ | {"KUBECONFIG": str(target.profile.kubeconfig)}
        told = {
            command.shell
            for check in CheckId
            for command in commands(check, snapshot, target.profile.context or "")
            if any(f" {verb} " in command.shell for verb in ("get", "logs", "describe", "set"))
            and command.shell.startswith("kubectl")
        }
        assert len(told) > 12
        failed = [failure for shell in sorted(told) if (failure := await _failure(shell, environ))]
    assert failed == []


async def _failure(shell: str, environ: Mapping[str, str]) -> str:
    """What a command says where it does not end well; grep may find nothing."""
    process = await asyncio.create_subprocess_exec(
        "bash", "-c", f"set -o pipefail; {shell}",
        env=environ, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(30):
        _, said = await process.communicate()
    return f"{shell}: {said.decode()}" if process.returncode else ""
