"""Under exactly the Roles that `rbac` prints everything is seen, and nothing in them is idle."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from pydantic import SecretStr

from probes.diagnosis import diagnose
from probes.model import CheckId, Status
from probes.profile import Profile
from probes.reach import open_reach
from probes.sweep import Sweeper
from probes.tokensource import TokenSource
from remedies.model import Permission, RemedyId
from remedies.rbac import KUBERNETES, NEEDS, Place, looking
from sandbox.assembly import World
from sandbox.kubernetes.access import Attributes
from sandbox.scenario import load
from sandbox.world import open_world
from tui import cli
from tui.acting import session_on
from tui.commands.applying import Options
from tui.commands.fix import fix
from tui.target import Request, open_target

PLACE = Place("wealist-prod", application="ops-service-prod")
USER = "nobody"

ONLY_SOMETIMES = {
    "list events in namespace wealist-prod": "where a rollout is stuck",
    "list services in namespace wealist-prod": "where PROMETHEUS_URL is not set",
    "get rollouts.argoproj.io ops-service in namespace wealist-prod": "an Argo Rollout",
    "list applications.argoproj.io in namespace argocd": "where nothing tells which one it is",
    "get applicationsets.argoproj.io in namespace argocd": "where one owns the Application",
    # The way to Argo CD's API, which wants authorization, and to PostgreSQL.
    "get services in namespace argocd": "a port-forward",
    "list pods in namespace argocd": "a port-forward",
    "get pods/portforward in namespace argocd": "a port-forward",
    "create pods/portforward in namespace argocd": "a port-forward from Kubernetes 1.35 on",
    "get pods/portforward in namespace wealist-prod": "a port-forward",
    "create pods/portforward in namespace wealist-prod": "a port-forward from Kubernetes 1.35 on",
}
"""What this one world has no need of."""


def printed(*parts: str) -> list[dict[str, object]]:
    """What a person would pipe into `kubectl apply -f -`."""
    done = CliRunner().invoke(cli.main, ["rbac", *parts, "-n", "wealist-prod", "--user", USER])
    assert done.exit_code == 0, done.output
    return [one for one in yaml.safe_load_all(done.stdout) if one]


@asynccontextmanager
async def incident() -> AsyncIterator[World]:
    """The incident, with a root app that takes its time to revert live edits."""
    scenario = load("incident-v11")
    slow = scenario.argocd.model_copy(update={"root_delay_s": 600.0})
    folder = Path(tempfile.mkdtemp(prefix="opsportal-sandbox-"))
    async with open_world(scenario.model_copy(update={"argocd": slow}), folder) as world:
        yield world


async def verdicts(world: World, user: str) -> dict[CheckId, Status]:
    running = world.running
    profile = Profile(
        kubeconfig=running.kubeconfig,
        context=user,
        namespace=running.namespace,
        portal_url=running.addresses["portal"],
    )
    token = SecretStr(running.portal_token)
    async with open_reach(profile) as reach:
        snapshot = await Sweeper(reach, profile, TokenSource.portal(profile, token)).run()
    return {one.id: one.status for one in diagnose(snapshot).results}


def asked(world: World, *, allowed: bool) -> set[Attributes]:
    audit = world.cluster.access.audit
    return {question for user, question, answer in audit if user == USER and answer is allowed}


def covered(question: Attributes, needs: Iterable[Permission]) -> bool:
    return any(_covers(one, question) for one in needs)


def _covers(one: Permission, question: Attributes) -> bool:
    return one.system == KUBERNETES and (
        (one.verb, one.group, one.resource, one.subresource, one.namespace)
        == (question.verb, question.group, question.resource, question.subresource,
            question.namespace)
        and one.name in ("", question.name)
    )  # fmt: skip


def request_in(world: World) -> Request:
    """As a person without any other rights would start the program."""
    running = world.running
    return Request(
        Profile(
            kubeconfig=running.kubeconfig,
            context=USER,
            namespace=running.namespace,
            portal_url=running.addresses["portal"],
            allow_actions=True,
        )
    )


@pytest.mark.slow
@pytest.mark.needs_postgres
async def test_under_the_read_only_roles_everything_is_seen_and_no_rule_is_idle() -> None:
    async with incident() as world:
        assert set((await verdicts(world, USER)).values()) == {Status.UNKNOWN}
        for manifest in printed("read-only"):
            world.cluster.store.create(manifest)
        world.cluster.access.audit.clear()
        assert await verdicts(world, USER) == await verdicts(world, "sandbox")
        assert asked(world, allowed=False) == set()
        used = asked(world, allowed=True)
    needs = looking(PLACE)
    assert [one for one in used if not covered(one, needs)] == []
    idle = {str(one) for one in needs if not any(_covers(one, question) for question in used)}
    assert idle == set(ONLY_SOMETIMES)


Doing = tuple[tuple[RemedyId, dict[str, str]], ...]

MENDING: Doing = (
    (RemedyId.SET_PROMETHEUS_URL, {"live": "yes", "watch": "0"}),
    (RemedyId.DELIVER_ARGOCD_TOKEN, {}),
    (RemedyId.RENAME_CONSTRAINT, {}),
    (RemedyId.ENABLE_AUTO_MIGRATE, {"live": "yes", "watch": "0"}),
)
"""What the incident needs, in the order in which its causes are told."""

PLANNED: Doing = (
    (RemedyId.RESTART_WORKLOAD, {"anyway": "yes"}),
    (RemedyId.REFRESH_APPLICATION, {}),
    (RemedyId.FORCE_SYNC_EXTERNALSECRET, {"name": "wealist-shared-secret"}),
    (RemedyId.CREATE_EXTERNALSECRET, {"name": "another"}),
    (RemedyId.IN_CLUSTER_CURL, {}),
)
"""Planned only: whoever may not is told so by the systems themselves before anything is done."""

IDLE_HERE = {
    "get configmaps argocd-cm in namespace argocd": "where ARGOCD_SERVER_URL is no Service's name",
    "patch rollouts.argoproj.io ops-service in namespace wealist-prod": "an Argo Rollout",
    "list poddisruptionbudgets.policy in namespace wealist-prod": "an Argo Rollout",
    "patch secrets in namespace wealist-prod": "where the Secret is there already",
    "list clustersecretstores.external-secrets.io": "where no ExternalSecret tells the store",
}


@pytest.mark.slow
@pytest.mark.needs_postgres
async def test_the_whole_incident_is_mended_without_a_terminal_under_exactly_the_printed_roles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, impatient: None
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    async with incident() as world:
        monkeypatch.setenv("ARGOCD_AUTH_TOKEN", world.running.argocd_token)
        monkeypatch.setenv("OPSPORTAL_TOKEN", world.running.portal_token)
        for manifest in printed():
            world.cluster.store.create(manifest)
        request = request_in(world)
        for remedy, said in MENDING:
            assert await fix(request, remedy, said, Options(yes=True)) == 0, remedy
        assert set((await verdicts(world, USER)).values()) == {Status.PASS}
        async with open_target(request) as target:
            session = session_on(target, lambda: "only planned")
            for remedy, said in PLANNED:
                plan = await session.plan(remedy, said)
                assert (await session.preflight(plan)).clear, remedy
        assert asked(world, allowed=False) == set()
        used = asked(world, allowed=True)
    beyond = {one for needs in NEEDS.values() for one in needs(PLACE) if one.system == KUBERNETES}
    assert [one for one in used if not covered(one, {*looking(PLACE), *beyond})] == []
    idle = {str(one) for one in beyond if not any(_covers(one, question) for question in used)}
    assert idle == set(IDLE_HERE)
