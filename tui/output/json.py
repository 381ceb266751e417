"""`check --format json`: the public shape, one object on one line."""

from __future__ import annotations

import json

from probes.model import Cause, CheckResult, PathEdge
from tui.output import Report

SCHEMA = 1


def render(report: Report) -> str:
    """One JSON object (docs/contracts.md)."""
    diagnosis = report.diagnosis
    return json.dumps(
        {
            "schema": SCHEMA,
            "profile": report.profile,
            "started_at": report.started_at.isoformat(timespec="seconds"),
            "duration_s": round(report.duration_s, 3),
            "status": diagnosis.status,
            "checks": [_check(one) for one in diagnosis.results],
            "causes": [_cause(one) for one in diagnosis.causes],
            "path": [_edge(one) for one in diagnosis.path],
        },
        ensure_ascii=False,
    )


def _check(one: CheckResult) -> dict[str, object]:
    return {
        "id": one.id,
        "status": one.status,
        "summary": one.summary,
        "evidence": [
            {"label": row.label, "value": row.value, "source": row.source} for row in one.evidence
        ],
        "causes": [cause.id for cause in one.causes],
        "duration_s": round(one.duration_s, 3),
    }


def _cause(one: Cause) -> dict[str, object]:
    return {
        "id": one.id,
        "title": one.title,
        "explanation": f"{one.explanation} {one.advice}",
        "checks": list(one.checks),
        "remedies": list(one.remedies),
        "consequence_of": one.consequence_of,
    }


def _edge(one: PathEdge) -> dict[str, object]:
    return {"from": one.source, "to": one.target, "status": one.status, "label": one.label}
