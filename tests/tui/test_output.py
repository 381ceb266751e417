"""What `check` prints, in each format, of a world with the incident in it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import click
import pytest

from probes.diagnosis import diagnose
from probes.model import CheckId, Diagnosis, Evidence, Snapshot, Status
from tests.checks import worlds as w
from tui.commands.check import exit_code, parse_only
from tui.output import FORMATS, Report, renderer


def incident() -> Snapshot:
    return w.world(
        prometheus=w.without_prefix(),
        argocd=w.argocd(token=None, holders=()),
        workload=w.workload(startup=None),
    )


def report(snapshot: Snapshot) -> Report:
    return Report.of(snapshot, diagnose(snapshot))


def nasty(text: str) -> Report:
    whole = report(incident())
    first, *rest = whole.diagnosis.results
    row = Evidence(text, text, text)
    changed = replace(first, summary=text, evidence=(row,))
    return replace(whole, diagnosis=replace(whole.diagnosis, results=(changed, *rest)))


def test_json_has_exactly_the_public_shape() -> None:
    answer = json.loads(renderer("json")(report(incident())))
    assert list(answer) == [
        "schema",
        "profile",
        "started_at",
        "duration_s",
        "status",
        "checks",
        "causes",
        "path",
    ]
    assert answer["schema"] == 1
    assert [one["id"] for one in answer["checks"]] == [check.value for check in CheckId]
    check, cause, edge = answer["checks"][2], answer["causes"][0], answer["path"][0]
    assert set(check) == {"id", "status", "summary", "evidence", "causes", "duration_s"}
    assert set(check["evidence"][0]) == {"label", "value", "source"}
    assert set(cause) == {"id", "title", "explanation", "checks", "remedies", "consequence_of"}
    assert set(edge) == {"from", "to", "status", "label"}
    assert cause["id"] == "prometheus.url-missing-prefix"


def test_text_fits_80_columns_and_is_plain_without_colour() -> None:
    text = renderer("text")(report(incident()))
    assert "\x1b" not in text
    long = [line for line in text.splitlines() if len(line) > 80 and " " in line.strip()]
    assert all(re.search(r"\S{45,}", line) for line in long), long
    assert "✗ fail" in text
    assert "Evidence of prometheus.url" in text


def test_text_in_colour_says_the_same() -> None:
    plain = renderer("text")(report(incident()))
    coloured = renderer("text")(report(incident()), colour=True)
    assert "\x1b[31m" in coloured
    assert click.unstyle(coloured) == plain


def test_junit_counts_failures_and_survives_any_text() -> None:
    suite = ElementTree.fromstring(renderer("junit")(report(incident())))
    assert suite.get("tests") == "14"
    assert suite.get("failures") == str(len(suite.findall(".//failure")))
    for text in ("a\x00b\x1b[0m", "]]>&<x>", "\ud800", "한글"):
        parsed = ElementTree.fromstring(renderer("junit")(nasty(text)))
        assert parsed.find(".//system-out") is not None


def test_markdown_tables_keep_their_columns_whatever_the_text() -> None:
    text = renderer("markdown")(nasty("a | b\n`c` <script>"))
    rows = [
        line for line in text.splitlines() if line.startswith("| ") and "portal.metrics" in line
    ]
    assert len(rows) == 1
    assert len(re.findall(r"(?<!\\)\|", rows[0])) == 4
    assert "<script>" not in text


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_ends_in_no_secret_and_no_traceback(name: str) -> None:
    text = renderer(name)(report(incident()))
    assert "a.b.c" not in text
    assert "Traceback" not in text


def judged(*statuses: Status) -> Diagnosis:
    whole = diagnose(w.world())
    results = tuple(
        replace(one, status=status) for one, status in zip(whole.results, statuses, strict=False)
    )
    return replace(whole, results=results)


@pytest.mark.parametrize(
    ("statuses", "strict", "code"),
    [
        ((Status.PASS,), False, 0),
        ((Status.PASS, Status.WARN), False, 0),
        ((Status.PASS, Status.WARN), True, 1),
        ((Status.UNKNOWN, Status.PASS), False, 3),
        ((Status.UNKNOWN, Status.FAIL), False, 1),
    ],
)
def test_exit_codes(statuses: tuple[Status, ...], strict: bool, code: int) -> None:
    assert exit_code(judged(*statuses), strict=strict) == code


def test_only_takes_known_ids_and_names_the_nearest() -> None:
    assert parse_only(None) is None
    wanted = frozenset({CheckId.DB_MIGRATION, CheckId.LOKI_URL})
    assert parse_only("db.migration, loki.url") == wanted
    with pytest.raises(click.BadParameter, match=r"did you mean db\.migration"):
        parse_only("db.migrations")
    with pytest.raises(click.BadParameter):
        parse_only(" , ")
