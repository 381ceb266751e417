"""`fix` and `undo` without a dashboard: what is printed where, what the cluster has, exit codes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from probes.model import CauseId
from remedies.history import how_to_find_out, records
from remedies.model import Field, LiveEdit, ObjectRef, Plan, RemedyId
from tests.probes.kubeconfigs import NAMESPACE, Kubernetes
from tests.tui.handy import AFTER, BEFORE, ID, MendUrl, one_config_map, url_of
from tui import cli
from tui.acting import Session, by_profile, session_on, the_journal
from tui.commands.applying import Options, act
from tui.commands.undo import undo
from tui.target import Request, open_target

YES = Options(yes=True)
JSON = Options(yes=True, format="json")

Changing = Callable[[Plan], Plan]


@pytest.fixture
async def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Kubernetes]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    async with one_config_map(tmp_path) as found:
        yield found


def request(cluster: Kubernetes, user: str = "sandbox", *, armed: bool = True) -> Request:
    return Request(cluster.profile(user, name="prod", namespace=NAMESPACE, allow_actions=armed))


def mending(change: Changing = lambda plan: plan) -> Callable[[Session], Awaitable[Plan]]:
    """Plans with the remedy of the tests, and lets them change what it planned."""

    async def make(session: Session) -> Plan:
        remedy = MendUrl()
        remedy.gate.set()
        return change(await replace(session, remedies={ID: remedy}).plan(ID))

    return make


def hopeless(plan: Plan) -> Plan:
    """Its cause cannot go away here."""
    return replace(plan, causes=(CauseId.WORKLOAD_NOT_FOUND,))


def too_slow(plan: Plan) -> Plan:
    """Its step has no time at all."""
    return replace(plan, steps=tuple(replace(one, limit_s=0.0) for one in plan.steps))


@pytest.mark.parametrize(
    ("change", "code", "told", "url"),
    [
        (lambda plan: plan, 0, "applied and verified: ", AFTER),
        (hopeless, 1, "applied, still failing: still there: ops-service is not deployed", AFTER),
        (too_slow, 4, "a step failed: step set-url failed: no end within 0 s", BEFORE),
    ],
)
async def test_the_exit_code_tells_how_it_went(
    cluster: Kubernetes, capsys: pytest.CaptureFixture[str], change: Changing, code: int,
    told: str, url: str,
) -> None:  # fmt: skip
    assert await act(request(cluster), YES, mending(change)) == code
    out, err = capsys.readouterr()
    assert "Give PROMETHEUS_URL its route prefix." in out
    assert told in out
    assert "set-url: Set PROMETHEUS_URL in the ConfigMap" in err
    assert url_of(cluster) == url


async def test_what_wants_a_person_is_refused_with_yes_alone(
    cluster: Kubernetes, capsys: pytest.CaptureFixture[str]
) -> None:
    insists = mending(lambda plan: replace(plan, attended="Say `--set live=yes`."))
    assert await act(request(cluster), YES, insists) == 3
    out, err = capsys.readouterr()
    assert "Unattended it is refused: Say `--set live=yes`." in out
    assert "nothing was changed: Say `--set live=yes`." in err
    assert url_of(cluster) == BEFORE


async def test_what_was_taken_back_is_no_success_and_the_journal_says_so(
    cluster: Kubernetes, capsys: pytest.CaptureFixture[str]
) -> None:
    edited = ObjectRef("api/v1", "configmaps", NAMESPACE, "ops-service-config")
    lost = LiveEdit(edited, (Field("/data/PROMETHEUS_URL", "another"),), "Application root")
    assert await act(request(cluster), YES, mending(lambda plan: replace(plan, watch=lost))) == 1
    out, err = capsys.readouterr()
    assert "applied, still failing: it was applied, and then taken back" in out
    assert "watching for 30 s whether Application root takes it back" in err
    last = records(the_journal().entries())[-1]
    assert "taken back" in last.told


async def test_json_is_one_object_on_stdout_and_nothing_else(
    cluster: Kubernetes, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await act(request(cluster), JSON, mending()) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["schema"] == 1
    assert answer["plan"]["remedy"] == ID
    assert answer["plan"]["steps"][0]["can_be_undone"] is True
    assert answer["preflight"]["clear"] is True
    assert answer["outcome"]["kind"] == "applied and verified"
    assert [one["state"] for one in answer["outcome"]["steps"]] == ["done"]


async def test_read_only_is_refused_with_the_plan_its_commands_and_how_to_arm(
    cluster: Kubernetes, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await act(request(cluster, armed=False), YES, mending()) == 3
    out, err = capsys.readouterr()
    assert "kubectl -n wealist-prod patch configmaps ops-service-config" in out
    assert "--allow-actions" in err
    assert url_of(cluster) == BEFORE


async def test_without_a_terminal_and_without_yes_it_says_what_to_add(
    cluster: Kubernetes, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await act(request(cluster), Options(), mending()) == 3
    assert "add `--yes`" in capsys.readouterr().err
    assert url_of(cluster) == BEFORE


@pytest.mark.parametrize(("user", "code"), [("sandbox", 0), ("reader", 3)])
async def test_plan_only_changes_nothing_and_tells_what_is_denied(
    cluster: Kubernetes, capsys: pytest.CaptureFixture[str], user: str, code: int
) -> None:
    assert await act(request(cluster, user), Options(plan_only=True), mending()) == code
    out = capsys.readouterr().out
    assert "! The root app takes a live edit back within minutes." in out
    assert ("patch configmaps in namespace wealist-prod - DENIED" in out) == (user == "reader")
    assert url_of(cluster) == BEFORE


async def test_a_second_run_finds_nothing_to_do(
    cluster: Kubernetes, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await act(request(cluster), YES, mending()) == 0
    capsys.readouterr()
    assert await act(request(cluster), JSON, mending()) == 3
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert answer["plan"] is None
    assert answer["outcome"]["kind"] == "refused"
    assert answer["outcome"]["sentence"] == "PROMETHEUS_URL has the prefix already"


async def test_undo_takes_the_newest_back_and_then_there_is_nothing_left(
    cluster: Kubernetes, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await act(request(cluster), YES, mending()) == 0
    capsys.readouterr()
    assert await undo(request(cluster), "", JSON) == 0
    answer = json.loads(capsys.readouterr().out)
    first, _ = records(the_journal().entries())
    assert answer["plan"]["undoes"] == first.id
    assert answer["outcome"]["sentence"].startswith("taken back; ")
    assert url_of(cluster) == BEFORE
    assert await undo(request(cluster), "", YES) == 3
    assert "there is nothing to undo" in capsys.readouterr().err


async def test_what_was_done_on_another_cluster_is_not_undone_here(
    cluster: Kubernetes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = await done_on(cluster, capsys)
    (tmp_path / "other").mkdir()
    async with one_config_map(tmp_path / "other") as other:
        assert await undo(request(other), "", YES) == 3
        assert await undo(request(other), done, YES) == 3
    assert f"{done} was made for profile prod" in capsys.readouterr().err


@pytest.mark.parametrize(
    "changes", [{"name": "staging"}, {"namespace": "argocd"}], ids=["profile", "namespace"]
)
async def test_what_was_done_on_another_target_of_the_cluster_is_not_undone_here(
    cluster: Kubernetes, capsys: pytest.CaptureFixture[str], changes: dict[str, str]
) -> None:
    done = await done_on(cluster, capsys)
    there = replace(request(cluster), profile=request(cluster).profile.model_copy(update=changes))
    assert await undo(there, "", YES) == 3
    assert "there is nothing to undo" in capsys.readouterr().err
    assert await undo(there, done, YES) == 3
    told = f"{done} was made for profile prod (namespace {NAMESPACE}, cluster https://127.0.0.1:"
    assert told in capsys.readouterr().err
    assert url_of(cluster) == AFTER


async def test_an_end_that_nobody_knows_is_told_on_its_own_target_only(cluster: Kubernetes) -> None:
    here, there = request(cluster), request(cluster).profile
    async with session_of(here) as session:
        made = await mending()(session)
        session.journal.planned(made)
        assert [one.id for one in await session.open_ends()] == [made.id]
    for changes in ({"name": "staging"}, {"namespace": "argocd"}):
        elsewhere = replace(here, profile=there.model_copy(update=changes))
        async with session_of(elsewhere) as session:
            assert await session.open_ends() == ()


async def test_another_cluster_behind_the_same_address_is_another_target(
    cluster: Kubernetes, capsys: pytest.CaptureFixture[str]
) -> None:
    """As two SSH tunnels have it, one after the other on one port."""
    done = await done_on(cluster, capsys)
    config = cluster.store.get("ConfigMap", NAMESPACE, "ops-service-config")
    cluster.store.delete("Namespace", "", NAMESPACE)
    metadata = {"name": "ops-service-config", "namespace": NAMESPACE}
    cluster.create({"kind": "Namespace", "metadata": {"name": NAMESPACE}})
    cluster.create({"kind": "ConfigMap", "metadata": metadata, "data": config["data"]})
    assert await undo(request(cluster), "", YES) == 3
    assert "there is nothing to undo" in capsys.readouterr().err
    assert await undo(request(cluster), done, YES) == 3
    assert "another cluster at the same address" in capsys.readouterr().err
    assert url_of(cluster) == AFTER


async def test_one_cluster_at_another_address_is_the_same_target(
    cluster: Kubernetes, capsys: pytest.CaptureFixture[str]
) -> None:
    """A tunnel may have got another port since."""
    await done_on(cluster, capsys)
    journal = the_journal().path
    journal.write_text(journal.read_text().replace("https://127.0.0.1:", "https://localhost:"))
    assert await undo(request(cluster), "", YES) == 0
    assert url_of(cluster) == BEFORE


async def test_a_plan_from_before_namespaces_were_told_apart_is_known_by_the_address(
    cluster: Kubernetes, capsys: pytest.CaptureFixture[str]
) -> None:
    await done_on(cluster, capsys)
    journal = the_journal().path
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    for line in lines:
        if line["plan"]:
            del line["plan"]["namespace_uid"]
    journal.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    assert await undo(request(cluster), "", YES) == 0
    assert url_of(cluster) == BEFORE


async def test_who_may_not_read_the_namespace_knows_the_target_by_its_address(
    cluster: Kubernetes, capsys: pytest.CaptureFixture[str]
) -> None:
    await done_on(cluster, capsys)
    assert await undo(request(cluster, "reader"), "", Options(plan_only=True)) == 3
    out = capsys.readouterr().out
    assert "Take back: Give PROMETHEUS_URL its route prefix." in out
    assert "not permitted: patch configmaps" in out


async def test_the_commands_for_finding_out_lead_to_the_target_of_the_plan(
    cluster: Kubernetes, tmp_path: Path
) -> None:
    """A bastion has many contexts, and the current one may be another by then."""
    profile = cluster.profile("sandbox", name="staging", namespace=NAMESPACE, allow_actions=True)
    async with session_of(Request(profile)) as session:
        made = await mending()(session)
        session.journal.planned(made)
        session.journal.intent(made, "set-url")
        (left,) = await session.open_ends()
    assert how_to_find_out(left) == (
        f"kubectl get configmaps/ops-service-config -o yaml -n {NAMESPACE} --context sandbox "
        f"--kubeconfig {cluster.path}",
        "opsportal-tui fix set-prometheus-url --plan --profile staging --context sandbox "
        f"-n {NAMESPACE}",
    )


async def done_on(cluster: Kubernetes, capsys: pytest.CaptureFixture[str]) -> str:
    """The id of what was applied there."""
    assert await act(request(cluster), JSON, mending()) == 0
    return str(json.loads(capsys.readouterr().out)["plan"]["id"])


@asynccontextmanager
async def session_of(request: Request) -> AsyncIterator[Session]:
    async with open_target(request) as target:
        yield session_on(target, by_profile(target))


async def test_a_journal_that_cannot_be_written_lets_nothing_begin(
    cluster: Kubernetes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "opsportal-tui").write_text("a file where the folder should be")
    assert await act(request(cluster), YES, mending()) == 3
    assert "nothing was changed: the journal" in capsys.readouterr().err
    assert url_of(cluster) == BEFORE


async def test_a_journal_that_cannot_be_read_is_a_sentence_and_no_traceback(
    cluster: Kubernetes, capsys: pytest.CaptureFixture[str]
) -> None:
    the_journal().path.mkdir(parents=True)
    assert await undo(request(cluster), "", YES) == 3
    why = f"the journal {the_journal().path} cannot be read: Is a directory"
    assert why in capsys.readouterr().err
    for args in (["journal"], ["journal", "--settled", "x"]):
        done = CliRunner().invoke(cli.main, args)
        assert (done.exit_code, done.stdout) == (2, "")
        assert why in done.stderr


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("fix",), "name a remedy or a cause: `fix --list`"),
        (("fix", "set-prometheus-ulr"), "did you mean set-prometheus-url?"),
        (("fix", "db.auth-failed"), "nothing of ours mends db.auth-failed"),
        (("fix", "restart-workload", "--set", "anyway"), "`anyway` is not KEY=VALUE"),
        (("fix", "restart-workload", "--set", "force=yes"), "does not take `force`; it takes any"),
        (("fix", "restart-workload", "--format", "yaml"), "'yaml' is not one of"),
        (("rbac", "restart"), "did you mean restart-workload?"),
    ],
)
def test_a_mistake_exits_2_and_says_what_there_is(args: tuple[str, ...], told: str) -> None:
    done = CliRunner().invoke(cli.main, list(args))
    assert done.exit_code == 2
    assert told in " ".join(done.stderr.split())


def test_the_list_tells_every_remedy_with_what_it_takes() -> None:
    done = CliRunner().invoke(cli.main, ["fix", "--list"])
    assert done.exit_code == 0
    for remedy in RemedyId:
        assert f"{remedy}: " in done.stdout
    assert "--set lifetime=" in done.stdout
