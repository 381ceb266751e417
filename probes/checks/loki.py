"""Judging LOKI_URL: unlike Prometheus, Loki wants no prefix."""

from __future__ import annotations

from probes.checks.base import Check, Verdict, is_known, named, place_of, unreadable
from probes.checks.prometheus_url import path_of
from probes.model import (
    CauseId,
    CheckId,
    Evidence,
    Failure,
    Snapshot,
    Source,
    Status,
    WorkloadSeen,
)
from probes.opsservice import ops_config

_NAME = "LOKI_URL"


def _url(seen: WorkloadSeen, snapshot: Snapshot) -> Verdict:
    if isinstance(seen.environment, Failure):
        return Verdict(Status.UNKNOWN, "unreadable", {"failure": seen.environment.sentence})
    setting = ops_config(seen.environment, seen.startup).loki_url
    evidence = (Evidence(_NAME, setting.value or "unset", setting.source),)
    values = {"setting": place_of(_NAME, snapshot)}
    if setting.value is None:
        hidden = unreadable(snapshot)
        if hidden and not is_known(setting, seen.environment):
            return Verdict(Status.UNKNOWN, "unreadable", {"failure": hidden.sentence}, evidence)
        return Verdict(Status.WARN, "unset", {}, evidence, named(CauseId.LOKI_URL_UNSET, **values))
    values |= {"url": setting.value, "path": path_of(setting.value)}
    if values["path"]:
        cause = named(CauseId.LOKI_URL_PREFIXED, **values)
        return Verdict(Status.FAIL, "prefixed", values, evidence, cause)
    return Verdict(Status.PASS, "good", values, evidence)


URL = Check(CheckId.LOKI_URL, (Source.WORKLOAD,), _url)
