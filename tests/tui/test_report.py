"""The incident report: what a person pastes into a ticket, whole, safe and the same each time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from markdown_it import MarkdownIt
from markdown_it.token import Token

from probes.model import Change, CheckId, Evidence, Level, Snapshot, Status
from remedies.history import Record
from remedies.journal import Journal
from sandbox.launch import launch
from tests.checks import worlds
from tests.tui.dashboards import NOW, REQUEST, healthy, incident, read, unseen
from tests.tui.test_journal import PLAN, VERIFIED
from tui import cli
from tui.incident import Seen, put_somewhere, report
from tui.memory import Memory, Place
from tui.output.report import Actions, Incident, Timeline, render
from tui.target import Request

GOLDEN = Path(__file__).with_name("golden") / "report-incident.md"
_RENDERED = MarkdownIt("commonmark").enable("table")

HOSTILE = (
    "a | b\n\n# c",
    "`x` ``y`",
    "```",
    "<script>alert(1)</script>",
    "[x](http://evil) ![y](z) <http://evil>",
    "---",
    "===",
    "1. x",
    "- x",
    "&lt;b&gt; &amp;",
    "\\",
    "~~~",
    "**a** _b_ __c__",
    "> quoted",
    "[x]: http://evil",
    " `",
)


def told(world: Snapshot, text: str = "db.migration turned", *, name: str = "prod") -> Incident:
    """A report on that world; `text` stands wherever text from outside may stand."""
    seen = read(world)
    change = Change(CheckId.DB_MIGRATION, Status.PASS, Status.FAIL, NOW, text)
    done = Record(
        "r-1", NOW, f"root {text}", "prod", "db.migrate", text, ended="verified", told=text
    )
    return Incident(
        f"profile {name}",
        seen.snapshot,
        seen.diagnosis,
        Timeline("As this run of the dashboard saw it.", (change,)),
        Actions((done,)),
        "the test",
        "0.0.0",
    )


def everywhere(text: str) -> Incident:
    """A report in which that text stands wherever the world puts in words of its own."""
    line = worlds.line(Level.ERROR, text, error=text)
    world = replace(incident(), logs=worlds.observed(worlds.logs(line)), namespace=text)
    whole = told(world, text, name=text)
    evidence = (Evidence(text, text, text),)
    results = tuple(
        replace(one, summary=text, evidence=evidence) for one in whole.diagnosis.results
    )
    causes = tuple(replace(one, explanation=text, advice=text) for one in whole.diagnosis.causes)
    path = tuple(replace(edge, label=text) for edge in whole.diagnosis.path)
    diagnosis = replace(whole.diagnosis, sentence=text, results=results, causes=causes, path=path)
    return replace(whole, diagnosis=diagnosis)


def flat(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from flat(token.children or [])


def structure(document: str) -> list[str]:
    """The kinds of things a reader sees; runs of text count once, their breaks do not."""
    kinds = [token.type for token in flat(_RENDERED.parse(document))]
    return [kind for kind in kinds if kind not in ("text", "softbreak")]


def test_the_report_of_the_incident_is_word_for_word_this() -> None:
    assert render(told(incident())) + "\n" == GOLDEN.read_text()


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_outside_changes_nothing_but_words(text: str) -> None:
    assert structure(render(everywhere(text))) == structure(render(everywhere("tame")))


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_outside_is_shown_as_it_is(text: str) -> None:
    shown = "".join(
        token.content
        for token in flat(_RENDERED.parse(render(everywhere(text))))
        if token.type in ("text", "code_inline", "text_special")
    )
    assert shown.count(" ".join(text.split())) > 20


def test_a_consequence_is_marked_as_one() -> None:
    whole = told(incident())
    first, second, *others = whole.diagnosis.causes
    causes = (first, replace(second, consequence_of=first.id), *others)
    document = render(replace(whole, diagnosis=replace(whole.diagnosis, causes=causes)))
    assert f"`{second.id}` - a consequence of `{first.id}`: mend that first" in document


def test_where_nothing_is_wrong_it_says_so() -> None:
    document = render(
        replace(told(healthy()), actions=Actions(), timeline=Timeline("Of one sweep."))
    )
    for words in (
        "✓ pass** Nothing is wrong",
        "None is named.",
        "No verdict changed in that time.",
        "None by this program",
        "There are none, known noise left out.",
    ):
        assert words in document


def test_where_nothing_could_be_seen_it_says_why() -> None:
    document = render(told(unseen()))
    assert "The logs could not be read: not asked: https://10.0.0.1:6443 refuses" in document
    assert document.count("? unknown") >= len(CheckId)


def test_the_newest_log_lines_are_told_and_stack_traces_are_not() -> None:
    lines = [
        replace(
            worlds.line(Level.ERROR, f"failure {number}", stacktrace="goroutine 1"),
            time=NOW + timedelta(seconds=number),
        )
        for number in range(60)
    ]
    lines += [replace(lines[-1], time=NOW + timedelta(minutes=2))] * 3
    document = render(told(replace(incident(), logs=worlds.observed(worlds.logs(*lines)))))
    excerpt = document.split("```")[1]
    assert "The newest 40 of 63" in document
    assert "03:00:59 error ops-service-1  failure 59  ×4" in excerpt
    assert "failure 23" in excerpt
    assert "failure 22" not in excerpt
    assert "goroutine" not in document


PROD = Place.of(REQUEST.profile, "prod")


def reported(request: Request, world: Snapshot, memory: Memory) -> str:
    reading = read(world)
    whole = Seen(reading.snapshot, reading.diagnosis, context="prod")
    return report(request, whole, memory, "the test")


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder and a home of the test's own."""
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    return tmp_path / "home" / "opsportal-tui"


def test_what_earlier_runs_saw_is_in_the_timeline_with_this_sweep(state: Path) -> None:
    memory = Memory(state / "profiles")
    memory.keep(PROD, read(healthy()).diagnosis, NOW - timedelta(hours=1))
    document = reported(REQUEST, incident(), memory)
    assert "As the dashboard saw it since 2026-01-06 02:00 UTC, last at" in document
    assert "| 2026-01-06 03:00:00 | prometheus.url | ✓ pass | ✗ fail |" in document


def test_a_sandbox_is_a_new_world_each_time(state: Path) -> None:
    memory = Memory(state / "profiles")
    memory.keep(PROD, read(healthy()).diagnosis, NOW - timedelta(hours=1))
    document = reported(replace(REQUEST, sandbox="incident-v11"), incident(), memory)
    assert document.startswith("# Incident report: sandbox incident-v11")
    assert "Of one sweep: no run of the dashboard" in document


def test_what_this_program_did_to_that_target_is_told_and_nothing_else(state: Path) -> None:
    def at(hours: float) -> Journal:
        return Journal(state / "journal.jsonl", lambda: NOW - timedelta(hours=hours))

    here = replace(PLAN, id="here", profile="default")
    for journal, plan in (
        (at(1), here),
        (at(2), replace(here, id="refused")),
        (at(3), replace(here, id="elsewhere", cluster="https://elsewhere")),
        (at(4), replace(here, id="another", profile="another")),
        (at(24 * 40), replace(here, id="long-ago")),
    ):
        journal.planned(plan)
    at(1).finished(here, VERIFIED)
    at(2).refused(replace(here, id="refused"), "stale", "the plan is stale")
    reading = replace(read(incident()), cluster="https://here")
    document = report(REQUEST, Seen.of(reading), None, "the test")
    told = document.split("## Actions taken")[1].split("##")[0]
    rows = [line.split(" | ") for line in told.splitlines() if "set-prometheus-url" in line]
    assert [(row[2], row[-1].rstrip(" |")) for row in rows] == [
        ("applied and verified", "here"),
        ("refused: stale", "refused"),
    ]
    assert "Give PROMETHEUS\\_URL its route prefix.; portal.metrics: 5 requests" in told


def test_a_journal_that_cannot_be_read_is_no_empty_one(state: Path) -> None:
    (state / "journal.jsonl").mkdir(parents=True)
    document = report(REQUEST, Seen.of(read(incident())), None, "the test")
    assert "The journal cannot be read: Is a directory." in document


def test_a_report_never_overwrites_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    first = put_somewhere("one", REQUEST, NOW)
    second = put_somewhere("two", REQUEST, NOW)
    assert first == tmp_path / "opsportal-profile-prod-20260106T030000Z.md"
    assert second == tmp_path / "opsportal-profile-prod-20260106T030000Z-2.md"
    assert (first.read_text(), second.read_text()) == ("one\n", "two\n")


def test_where_the_working_directory_takes_no_file_the_state_folder_does(
    tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    path = put_somewhere("text", REQUEST, NOW)
    assert path.parent == state / "reports"
    assert path.read_text() == "text\n"


def run(*args: str) -> Result:
    return CliRunner().invoke(cli.main, ["report", "--timeout", "2", *args])


@pytest.mark.parametrize("args", [(), ("-o", "-")])
def test_it_is_printed_where_no_file_is_named(args: tuple[str, ...]) -> None:
    done = run(*args)
    assert done.exit_code == 0, done.output  # whatever the verdict is
    assert done.stdout.startswith("# Incident report: profile default")
    assert "there is no kubeconfig" in done.stdout


def test_it_is_written_to_a_file_that_is_never_overwritten_unasked(tmp_path: Path) -> None:
    path = tmp_path / "report.md"
    assert run("-o", str(path)).exit_code == 0
    assert path.read_text().endswith("anything is shown.\n")
    path.write_text("a person's words")
    refused = run("-o", str(path))
    assert refused.exit_code == 2
    assert f"{path}: is there already; --force overwrites it" in refused.stderr
    assert path.read_text() == "a person's words"
    assert run("-o", str(path), "--force").exit_code == 0
    assert path.read_text().startswith("# Incident report")


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    done = run("-o", str(tmp_path / "no" / "folder" / "report.md"))
    assert done.exit_code == 2
    assert "cannot be written: No such file or directory" in done.stderr


@pytest.mark.slow
async def test_the_report_on_the_running_incident_names_its_causes_and_no_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from tui.commands.report import Options
    from tui.commands.report import report as command

    async with launch("incident-v11") as running:
        monkeypatch.setenv("OPSPORTAL_TOKEN", running.portal_token)
        profile = REQUEST.profile.model_copy(
            update={
                "kubeconfig": running.kubeconfig,
                "context": running.context,
                "portal_url": running.addresses["portal"],
            }
        )
        path = running.kubeconfig.parent / "report.md"
        assert await command(Request(profile), Options(path)) == 0
        document = path.read_text()
    for cause in ("url-missing-prefix", "token-missing", "constraint-mismatch"):
        assert re.search(rf"^`\w+\.{cause}`$", document, re.MULTILINE)
    assert "service proxy wealist-prod/prometheus" in document
    for secret in (running.portal_token, running.argocd_token):
        assert secret not in document


if __name__ == "__main__":
    GOLDEN.write_text(render(told(incident())) + "\n")
