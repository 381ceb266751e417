"""`check --format junit`: one test case per check, for a pipeline's own display."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from probes.model import CheckResult, Status
from tui.output import Report

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot carry, not even escaped (section 2.2)."""


def render(report: Report) -> str:
    """A `testsuite`: fail is a failure, unknown is skipped, the evidence stands in system-out."""
    results = report.diagnosis.results
    suite = ElementTree.Element(
        "testsuite",
        name=f"opsportal-tui {_clean(report.profile)}",
        tests=str(len(results)),
        failures=str(sum(one.status is Status.FAIL for one in results)),
        errors="0",
        skipped=str(sum(one.status is Status.UNKNOWN for one in results)),
        time=f"{report.duration_s:.3f}",
        timestamp=report.started_at.isoformat(timespec="seconds"),
    )
    for one in results:
        _case(suite, one)
    ElementTree.indent(suite)
    body = ElementTree.tostring(suite, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'


def _case(suite: ElementTree.Element, one: CheckResult) -> None:
    group = one.id.value.partition(".")[0]
    case = ElementTree.SubElement(
        suite, "testcase", classname=group, name=one.id.value, time=f"{one.duration_s:.3f}"
    )
    summary = _clean(one.summary)
    if one.status is Status.FAIL:
        causes = ", ".join(cause.id for cause in one.causes)
        failure = ElementTree.SubElement(case, "failure", message=summary)
        failure.text = causes or summary
    elif one.status is Status.UNKNOWN:
        ElementTree.SubElement(case, "skipped", message=summary)
    told = [f"{one.status.value}: {summary}"]
    told.extend(f"{row.label}: {row.value} ({row.source})" for row in one.evidence)
    ElementTree.SubElement(case, "system-out").text = _clean("\n".join(told))


def _clean(text: str) -> str:
    return _NOT_XML.sub("�", text)
