"""Given an Application that is healed, the fix goes into a clone of its repository or a file."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pydantic import TypeAdapter

from probes.reach import Reach
from probes.reach.guard import WriteRefusedError
from remedies.git.commands import git, same_repository
from remedies.history import open_ends, records
from remedies.model import OutcomeKind, Plan, Refusal, RefusedError, RemedyId
from sandbox.argocd.inventory import BRANCH, REPOSITORY
from tests.remedies.argoworld import Bench, Fault, step_of
from tests.remedies.gitopsworld import BAD_URL, URL, GitOps, Kind, gitops
from tests.remedies.gitrepo import FILE, Repository
from tests.remedies.killing import killed_at
from tests.remedies.test_manifest import MANIFEST
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

SET_URL = RemedyId.SET_PROMETHEUS_URL
OURS = "opsportal-tui/set-prometheus-url"
WANTED = MANIFEST.replace("http://prometheus:9090", URL)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return Repository.make(tmp_path)


@pytest_asyncio.fixture(loop_scope="session")
async def there(
    bench: tuple[Bench, Reach], tmp_path: Path, impatient: None
) -> AsyncIterator[GitOps]:
    kind = Kind(parameters={"config.PROMETHEUS_URL": BAD_URL})
    async with gitops(*bench, tmp_path, kind) as made:
        yield made


def run(*words: str, stdin: str = "") -> None:
    subprocess.run(words, input=stdin, text=True, check=True, timeout=20, capture_output=True)


async def refused(there: GitOps, **options: Any) -> RefusedError:
    with pytest.raises(RefusedError) as error:
        await there.plan(SET_URL, **{key: str(one) for key, one in options.items()})
    return error.value


async def test_the_clone_gets_a_commit_on_a_new_branch_and_nothing_else(
    there: GitOps, repository: Repository
) -> None:
    before, remote = repository.git("status", "-sb"), repository.refs_of_remote()
    plan = await there.plan(clone=str(repository.clone))
    assert [one.id for one in plan.steps] == ["commit"]
    assert repository.branches() == ["main"]
    outcome = await there.apply(plan)
    assert outcome.kind is OutcomeKind.WAITING, outcome
    assert outcome.sentence == (
        f"waiting for branch {OURS} to be pushed (`git -C {repository.clone} push -u origin {OURS}`"
        f") and merged into {BRANCH}"
    )
    assert repository.file(OURS) == WANTED
    assert repository.git("diff", "--stat", f"origin/{BRANCH}", OURS).count("|") == 1
    assert repository.git("log", "-1", "--format=%an %s", OURS) == (
        "Anna Set config.PROMETHEUS_URL of ops-service-prod\n"
    )
    assert repository.git("status", "-sb") == before
    assert repository.refs_of_remote() == remote
    assert (there.parameter("PROMETHEUS_URL") or {})["value"] == BAD_URL
    assert there.kubernetes.writes == []


async def test_the_diff_is_that_of_the_file_and_git_takes_it(
    there: GitOps, repository: Repository
) -> None:
    plan = await there.plan(clone=str(repository.clone))
    assert f"--- a/{FILE}\n+++ b/{FILE}\n" in plan.durable
    assert not any("live parameters" in one for one in plan.warnings)
    assert any("has synced" in one and "fetch` and plan again" in one for one in plan.warnings)
    repository.git("switch", "-q", "--detach", f"origin/{BRANCH}")
    run("git", "-C", str(repository.clone), "apply", "--check", "-", stdin=f"{plan.durable}\n")


async def test_the_clone_of_the_profile_gives_the_diff_beside_a_live_edit(
    there: GitOps, repository: Repository, tmp_path: Path
) -> None:
    asked = await there.plan(clone=str(repository.clone))
    there.profile = there.profile.model_copy(update={"git_clone": repository.clone})
    plan = await there.plan()
    assert plan.durable == asked.durable
    assert [one.id for one in plan.steps] == ["edit", "await-sync", "await-rollout"]
    assert f"--set clone={repository.clone}" in plan.attended
    there.profile = there.profile.model_copy(update={"git_clone": tmp_path / "gone"})
    plan = await there.plan()
    assert "spec:" in plan.durable
    assert any("is no clone to commit to" in one for one in plan.warnings)


async def test_the_shell_commands_make_the_same_commit(
    there: GitOps, repository: Repository
) -> None:
    step = step_of(await there.plan(clone=str(repository.clone)), "commit")
    run("bash", "-ec", step.shell)
    assert repository.file(OURS) == WANTED
    assert step.undo_words == f"git -C {repository.clone} branch -D {OURS}"


async def test_a_second_plan_says_that_it_is_there_and_how_to_push_it(
    there: GitOps, repository: Repository
) -> None:
    await there.apply(await there.plan(clone=str(repository.clone)))
    error = await refused(there, clone=repository.clone)
    assert error.refusal is Refusal.NOTHING_TO_DO
    assert f"`git -C {repository.clone} push -u origin {OURS}`" in str(error)
    repository.git("branch", "other", "main")
    error = await refused(there, clone=repository.clone, branch="other")
    assert "has a branch other already: name another with `branch=NAME`" in str(error)
    for name in ("a..b", "-x", "a b"):
        error = await refused(there, clone=repository.clone, branch=name)
        assert str(error) == f"`branch={name}` is no name of a branch"
    other = repository.git("rev-parse", f"{OURS}~1").strip()
    repository.git("update-ref", f"refs/heads/{OURS}", other)
    step = step_of(await there.plan(clone=str(repository.clone)), "commit")
    assert f"to a new branch {OURS}-2 of" in step.title
    plan = await there.plan(clone=str(repository.clone), branch="fix/url")
    assert (await there.apply(plan)).kind is OutcomeKind.WAITING
    assert "fix/url" in repository.branches()


async def test_undo_deletes_the_branch_and_only_while_it_is_ours(
    there: GitOps, repository: Repository
) -> None:
    await there.apply(await there.plan(clone=str(repository.clone)))
    assert (await there.undo()).kind is OutcomeKind.VERIFIED
    assert repository.branches() == ["main"]
    await there.apply(await there.plan(clone=str(repository.clone)))
    repository.git("switch", "-q", OURS)
    repository.write("more", "more\n")
    repository.commit("More")
    with pytest.raises(RefusedError, match="is no longer this plan's commit alone") as error:
        await there.undo()
    assert error.value.refusal is Refusal.STALE


async def test_a_branch_that_is_checked_out_is_not_deleted(
    there: GitOps, repository: Repository
) -> None:
    await there.apply(await there.plan(clone=str(repository.clone)))
    repository.git("switch", "-q", OURS)
    outcome = await there.undo()
    assert outcome.kind is OutcomeKind.FAILED
    assert "checked out" in outcome.sentence
    assert OURS in repository.branches()


async def test_with_live_yes_both_are_done(there: GitOps, repository: Repository) -> None:
    plan = await there.plan(clone=str(repository.clone), live="yes")
    assert [one.id for one in plan.steps] == ["commit", "edit", "await-sync", "await-rollout"]
    assert (plan.waits_for, plan.attended) == ("", "")
    assert (await there.apply(plan)).kind is OutcomeKind.VERIFIED
    assert OURS in repository.branches()
    assert there.config()["PROMETHEUS_URL"] == URL


async def test_what_is_right_live_for_now_still_goes_into_git(
    there: GitOps, repository: Repository
) -> None:
    await there.apply(await there.plan(live="yes"))
    plan = await there.plan(clone=str(repository.clone))
    assert [one.id for one in plan.steps] == ["commit"]
    error = await refused(there, clone=repository.clone, live="yes")
    assert error.refusal is Refusal.NOTHING_TO_DO


# what is refused


async def test_a_dirty_tree_is_refused(there: GitOps, repository: Repository) -> None:
    plan = await there.plan(clone=str(repository.clone))
    repository.write("README.md", "changed\n")
    with pytest.raises(RefusedError, match=r"changes that are not committed: README\.md"):
        await there.apply(plan)
    assert repository.branches() == ["main"]


async def test_a_branch_that_has_moved_on_makes_the_plan_stale(
    there: GitOps, repository: Repository
) -> None:
    plan = await there.plan(clone=str(repository.clone))
    repository.git("update-ref", f"refs/remotes/origin/{BRANCH}", "main")
    with pytest.raises(RefusedError, match="has moved on") as error:
        await there.apply(plan)
    assert error.value.refusal is Refusal.STALE


async def test_the_clone_of_another_repository_is_refused(
    there: GitOps, repository: Repository
) -> None:
    repository.git("remote", "set-url", "origin", "https://anna:pw4git@example.com/other.git")
    error = await refused(there, clone=repository.clone)
    assert str(error) == (
        f"{repository.clone} is a clone of https://example.com/other.git, and not of {REPOSITORY}"
    )


async def test_what_is_no_clone_is_refused(there: GitOps, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing"):
        assert "is no clone to commit to: git rev-parse: " in str(await refused(there, clone=path))


async def test_a_branch_that_was_never_fetched_is_refused(
    there: GitOps, repository: Repository
) -> None:
    repository.git("update-ref", "-d", f"refs/remotes/origin/{BRANCH}")
    error = await refused(there, clone=repository.clone)
    assert f"has no branch {BRANCH} of origin: fetch it first" in str(error)


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({FILE: "kind: ConfigMap\n"}, "and is in: none"),
        (
            {"k8s/argocd/apps/prod/copy.yaml": MANIFEST},
            "and is in: k8s/argocd/apps/prod/copy.yaml, k8s/argocd/apps/prod/ops-service.yaml",
        ),
        ({FILE: MANIFEST.replace("parameters:", "params:")}, "has no list of helm parameters"),
        ({FILE: WANTED}, "has it already at refs/remotes/origin/k8s-deploy-prod"),
    ],
)
async def test_the_manifest_must_be_one_that_can_be_edited(
    there: GitOps, repository: Repository, files: dict[str, str], told: str
) -> None:
    repository.git("switch", "-q", "--detach", f"origin/{BRANCH}")
    for path, text in files.items():
        repository.write(path, text)
    repository.commit("Another")
    repository.git("update-ref", f"refs/remotes/origin/{BRANCH}", "HEAD")
    assert told in str(await refused(there, clone=repository.clone))


async def test_a_copy_elsewhere_does_not_count(there: GitOps, repository: Repository) -> None:
    repository.git("switch", "-q", "--detach", f"origin/{BRANCH}")
    repository.write("archive/ops-service.yaml", MANIFEST)
    repository.commit("Another")
    repository.git("update-ref", f"refs/remotes/origin/{BRANCH}", "HEAD")
    assert (
        f"Commit the change of {FILE}" in (await there.plan(clone=str(repository.clone))).sentence
    )


async def test_whoever_commits_must_be_known_to_git(
    there: GitOps, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = await there.plan(clone=str(repository.clone))
    repository.git("config", "user.useConfigOnly", "true")
    repository.git("config", "--unset", "user.email")
    with pytest.raises(RefusedError, match=r"set user\.name and user\.email in"):
        await there.apply(plan)


async def test_a_secret_beside_the_value_is_in_no_diff_and_no_journal(
    there: GitOps, repository: Repository
) -> None:
    lines = "- name: config.JWT_SECRET\n          value: s3cr3t-of-jwt\n        - name: config.PROM"
    repository.git("switch", "-q", "--detach", f"origin/{BRANCH}")
    repository.write(FILE, MANIFEST.replace("- name: config.PROM", lines))
    repository.commit("A secret")
    repository.git("update-ref", f"refs/remotes/origin/{BRANCH}", "HEAD")
    plan = await there.plan(clone=str(repository.clone))
    assert "s3cr3t" not in TypeAdapter(Plan).dump_json(plan).decode()
    assert "--unidiff-zero" in plan.steps[0].shell
    run("bash", "-ec", plan.steps[0].shell)
    repository.git("switch", "-q", "main")
    repository.git("branch", "-q", "-D", OURS)
    await there.apply(plan)
    assert "s3cr3t" in repository.file(OURS)
    assert "s3cr3t" not in there.journal.path.read_text()


# saved to a file


async def test_the_change_is_saved_and_nothing_is_overwritten(
    there: GitOps, tmp_path: Path
) -> None:
    target = tmp_path / "fix.yaml"
    plan = await there.plan(save=str(target))
    assert (await there.apply(plan)).kind is OutcomeKind.WAITING
    assert target.read_text() == f"{plan.durable}\n"
    assert target.stat().st_mode & 0o777 == 0o600
    assert "is there already, and nothing is overwritten" in str(await refused(there, save=target))
    assert (await there.undo()).kind is OutcomeKind.VERIFIED
    assert not target.exists()


async def test_a_file_that_came_between_stays(there: GitOps, tmp_path: Path) -> None:
    target = tmp_path / "fix.diff"
    plan = await there.plan(save=str(target))
    target.write_text("mine")
    with pytest.raises(RefusedError, match="is there already, and is not overwritten"):
        await there.apply(plan)
    assert target.read_text() == "mine"
    plan = await there.plan(save=str(tmp_path / "gone" / "fix.diff"))
    with pytest.raises(RefusedError, match="is no folder to write into"):
        await there.apply(plan)


# git itself


async def test_git_writes_only_with_the_permit_and_never_talks_to_a_remote(
    there: GitOps, repository: Repository
) -> None:
    for words in (("branch", "x"), ("update-ref", "x", "y"), ("push",), ("fetch",)):
        with pytest.raises(WriteRefusedError):
            await git(str(repository.clone), *words)


async def test_hooks_of_the_clone_do_not_run(there: GitOps, repository: Repository) -> None:
    for name in ("reference-transaction", "post-index-change", "pre-commit"):
        hook = repository.clone / ".git" / "hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch {repository.clone}/ran\n")
        hook.chmod(0o755)
    outcome = await there.apply(await there.plan(clone=str(repository.clone)))
    assert outcome.kind is OutcomeKind.WAITING
    assert not (repository.clone / "ran").exists()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (
            "https://git.example.com/wealist/wealist.git",
            "git@git.example.com:wealist/wealist",
            True,
        ),
        ("ssh://git@git.example.com:7999/a/b.git", "https://u:p@GIT.example.com/a/b/", True),
        ("https://git.example.com/a/b", "https://git.example.com/a/c", False),
        ("https://git.example.com/a/b", "https://other.example.com/a/b", False),
        ("/srv/git/a.git", "/srv/git/a", True),
    ],
)
async def test_addresses_of_the_same_repository(one: str, other: str, same: bool) -> None:
    assert same_repository(one, other) is same


@pytest.mark.slow
async def test_killed_in_the_middle_the_branch_is_not_there_and_the_journal_says_so(
    there: GitOps, repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = await there.plan(clone=str(repository.clone))
    tools, reached = tmp_path / "bin", tmp_path / "reached"
    tools.mkdir()
    held = f'#!/bin/sh\ncase "$*" in *update-ref*) echo $$ > {reached}; exec sleep 20;; esac\n'
    (tools / "git").write_text(f'{held}exec /usr/bin/git "$@"\n')
    (tools / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    held_there = Fault("", "", "hang")
    waiting = asyncio.create_task(until(lambda: reached.exists() and reached.read_text()))
    waiting.add_done_callback(lambda _: held_there.reached.set())
    await killed_at(there, plan, "commit", held_there)
    monkeypatch.undo()
    run("kill", reached.read_text().strip())
    (left,) = open_ends(records(there.journal.entries()))
    assert left.under_way == "commit"
    assert repository.branches() == ["main"]
    assert (await there.apply(plan)).kind is OutcomeKind.WAITING
