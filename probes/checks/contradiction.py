"""Whether the container behaves as if it had another value than it should have by now. Pure.

Where its startup lines are gone, only its behaviour tells: our own try with today's value works,
and the container's goes on failing after the value was changed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from probes.checks.base import environment_in
from probes.model import (
    Answer,
    ArgoCDSeen,
    LogLine,
    LogsSeen,
    PortalSeen,
    PrometheusSeen,
    Reply,
    Snapshot,
    seen_in,
)


def contradicts(name: str, since: datetime, snapshot: Snapshot) -> bool:
    """Whether the container shows that it runs with an older value of that setting."""
    if name == "PROMETHEUS_URL":
        return _prometheus_answers(snapshot) and (
            _fails(_portal(snapshot, "recent_errors")) or _logs(_no_such_path, since, snapshot)
        )
    if name == "ARGOCD_TOKEN":
        return _argocd_answers(snapshot) and (
            _fails(_portal(snapshot, "applications_answer"))
            or _logs(_refused_token, since, snapshot)
        )
    return False


def _prometheus_answers(snapshot: Snapshot) -> bool:
    seen: PrometheusSeen | None = seen_in(snapshot.prometheus)
    answer = seen.url_query if seen else None
    return isinstance(answer, Reply) and answer.status == 200 and answer.is_json


def _argocd_answers(snapshot: Snapshot) -> bool:
    seen: ArgoCDSeen | None = seen_in(snapshot.argocd)
    return bool(seen and seen.applications and seen.logged_in)


def _portal(snapshot: Snapshot, answer: str) -> Answer | None:
    seen: PortalSeen | None = seen_in(snapshot.portal)
    return getattr(seen, answer) if seen and seen.by_api else None


def _fails(answer: Answer | None) -> bool:
    return isinstance(answer, Reply) and answer.status >= 500


def _no_such_path(line: LogLine) -> bool:
    return "404 page not found" in line.fields.get("error", "")


def _refused_token(line: LogLine) -> bool:
    error = line.fields.get("error", "")
    return "invalid session" in error or "no session information" in error


def _logs(matches: Callable[[LogLine], bool], since: datetime, snapshot: Snapshot) -> bool:
    """Whether the container logged such a line after that time."""
    seen: LogsSeen | None = seen_in(snapshot.logs)
    environment = environment_in(snapshot)
    if seen is None or environment is None:
        return False
    current = LogsSeen(tuple(one for one in seen.pods if not one.previous)).lines()
    own = (one for one in current if one.pod == environment.pod and one.time)
    return any(one.time is not None and one.time > since and matches(one) for one in own)
