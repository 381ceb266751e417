"""Given a world, when a check is verified by hand, these commands are to be typed."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from pydantic import SecretStr

from probes.byhand import commands
from probes.model import CheckId, EnvOrigin, EnvVar, Snapshot
from probes.profile import Profile
from tests.checks import worlds
from tests.tui.dashboards import denied, healthy, incident, unseen
from tui.target import Request, open_target

WORLDS = [incident(), healthy(), unseen(), denied()]
SECRETS = {"ARGOCD_TOKEN": "aaaa.bbbb.cccc", "DB_PASSWORD": "hunter22"}


def shells(check: CheckId, snapshot: Snapshot, context: str = "prod") -> list[str]:
    return [one.shell for one in commands(check, snapshot, context)]


def every(snapshot: Snapshot) -> list[str]:
    return [shell for check in CheckId for shell in shells(check, snapshot)]


def with_settings(**changes: str) -> Snapshot:
    settings = dict(worlds.SETTINGS) | changes
    environment = worlds.environment(settings)
    return worlds.world(workload=worlds.workload(environment=environment, startup=None))


def pod_specs(snapshot: Snapshot) -> Iterator[tuple[list[str], dict[str, object]]]:
    for shell in every(snapshot):
        words = shlex.split(shell)
        if "run" in words:
            overrides = next(one for one in words if one.startswith("--overrides="))
            (container,) = json.loads(overrides.partition("=")[2])["spec"]["containers"]
            yield words, container


@pytest.mark.parametrize("world", WORLDS, ids=["incident", "healthy", "unseen", "denied"])
def test_each_check_has_commands_that_a_shell_understands(world: Snapshot) -> None:
    told = {check: commands(check, world, "prod") for check in CheckId}
    assert all(told.values())
    listed = [one for of_check in told.values() for one in of_check]
    script = "\n".join(one.shell for one in listed)
    done = subprocess.run(
        ["bash", "-n"], input=script, text=True, capture_output=True, timeout=10, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    for command in listed:
        assert command.what
        if command.shell.startswith("kubectl"):
            assert "--context prod" in command.shell


def test_no_command_holds_a_secret() -> None:
    url = "http://user:s3cr3t@prometheus:9090"
    script = "\n".join(every(with_settings(PROMETHEUS_URL=url, **SECRETS)))
    assert not re.search(r"aaaa\.bbbb|hunter22|s3cr3t", script)
    assert 'ARGOCD_TOKEN="$(kubectl' in script
    assert '-H "Authorization: Bearer $ARGOCD_TOKEN"' in script


def test_a_token_that_is_no_secret_of_kubernetes_is_read_from_where_it_stands() -> None:
    world = with_settings(**SECRETS)
    assert "get secret wealist-shared-secret" in "\n".join(shells(CheckId.ARGOCD_TOKEN, world))
    environment = worlds.environment(dict(worlds.SETTINGS))
    token = EnvVar("ARGOCD_TOKEN", SecretStr("aaaa.bbbb.cccc"), EnvOrigin("literal"))
    literal = replace(environment, variables=environment.variables | {token.name: token})  # type: ignore[operator]  # both are dicts
    told = "\n".join(
        shells(CheckId.ARGOCD_TOKEN, worlds.world(workload=worlds.workload(environment=literal)))
    )
    assert "--resolve | sed -n 's/^ARGOCD_TOKEN=//p'" in told
    assert "get secret" not in told


def test_names_are_the_real_ones_and_quoted() -> None:
    (prefix, *_) = shells(CheckId.PROMETHEUS_ROUTE_PREFIX, incident(), "my context")
    assert prefix.startswith("kubectl --context 'my context' -n wealist-prod get pods")
    url = "\n".join(shells(CheckId.PROMETHEUS_URL, incident()))
    assert f"{worlds.ORIGIN}/api/v1/query?query=up" in url
    assert f"{worlds.ORIGIN}{worlds.PREFIX}/api/v1/query?query=up" in url
    assert "logs ops-service-1 -c ops-service" in url


def test_the_kubeconfig_is_the_profiles() -> None:
    (first, *_) = commands(CheckId.WORKLOAD_ROLLOUT, incident(), "x", "/home/me/my config")
    assert first.shell.startswith("kubectl --kubeconfig '/home/me/my config' --context x -n")


def test_hostile_values_stay_one_word_and_lose_what_a_terminal_obeys() -> None:
    evil = "x'; touch /tmp/pwned; echo '\x1b]52;c;eA==\x07$(id)`id`"
    world = with_settings(DB_HOST=evil, SERVER_BASE_PATH=evil, ARGOCD_SERVER_URL=f"http://{evil}")
    for shell in every(world):
        assert "\x1b" not in shell
        plain = shell.removeprefix('ARGOCD_TOKEN="$(').partition(" -H ")[0].partition(" | ")[0]
        assert "touch" not in [word for word in shlex.split(plain) if word != evil]
    psql = shlex.split(shells(CheckId.DB_CONNECTION, world)[0])
    assert psql[1].startswith("host='x\\'; touch /tmp/pwned; echo \\'$(id)`id`' port=5432 user=")


def test_an_empty_name_is_quoted_so_that_libpq_does_not_take_the_next_word() -> None:
    (connect, *_) = shells(CheckId.DB_CONNECTION, with_settings(DB_USER=" "))
    assert "user=' '" in shlex.split(connect)[1]


def test_the_pods_pass_the_admission_policies() -> None:
    labelled = worlds.pod(labels={"stage": "prod"})
    specs = list(pod_specs(worlds.world(workload=worlds.workload(pods=(labelled,)))))
    assert len(specs) >= 4
    for words, container in specs:
        assert container["resources"] == {"limits": {"cpu": "100m", "memory": "64Mi"}}
        image = str(container["image"])
        assert f"--image={image}" in words
        assert re.search(r":\d", image)
        assert "-service-" not in words[words.index("run") + 1]
        assert "--labels=stage=prod" in words
        assert {"--rm", "--restart=Never"} <= set(words)


def test_what_only_the_cluster_reaches_is_reached_by_a_port_forward() -> None:
    world = with_settings(ARGOCD_SERVER_URL="https://argocd-server.argocd.svc.cluster.local")
    forward, version = shells(CheckId.ARGOCD_SERVER, world)
    assert (
        forward == "kubectl --context prod -n argocd port-forward service/argocd-server 18080:443"
    )
    assert "--connect-to ::localhost:18080" in version
    assert version.endswith("https://argocd-server.argocd.svc.cluster.local/api/version")
    (version,) = shells(CheckId.ARGOCD_SERVER, with_settings(ARGOCD_SERVER_URL="https://argo.x.y"))
    assert "connect-to" not in version


def test_a_table_that_is_not_there_is_not_searched_for_duplicates() -> None:
    told = "\n".join(shells(CheckId.DB_CONSTRAINTS, incident()))
    assert "from portal_users" in told
    assert "from app_configs" not in told


@pytest.mark.slow
@pytest.mark.needs_postgres
@pytest.mark.needs_kubectl
async def test_the_kubectl_commands_run_on_the_sandbox() -> None:
    async with open_target(Request(Profile(), sandbox="incident-v11")) as target:
        snapshot = await target.sweeper.run()
        profile = target.profile
        told = {
            command.shell
            for check in CheckId
            for command in commands(check, snapshot, profile.context or "", str(profile.kubeconfig))
            if command.shell.startswith("kubectl")
            and not {"port-forward", "-it"} & set(shlex.split(command.shell))
        }
        assert len(told) > 20
        environ = {name: value for name, value in os.environ.items() if name != "KUBECONFIG"}
        failed = [failure for shell in sorted(told) if (failure := await _failure(shell, environ))]
    assert failed == []


async def _failure(shell: str, environ: Mapping[str, str]) -> str:
    """What a command says where it does not end well; grep must find something."""
    process = await asyncio.create_subprocess_exec(
        "bash", "-c", f"set -o pipefail; {shell}",
        env=environ, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(30):
        _, said = await process.communicate()
    return f"{shell}: {said.decode()}" if process.returncode else ""
