"""Judging LOKI_URL: unlike Prometheus, Loki wants no prefix."""

from __future__ import annotations

from urllib.parse import urlsplit

from probes.checks.base import Check, Verdict, named, unreadable
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


def _url(seen: WorkloadSeen, snapshot: Snapshot) -> Verdict:
    if isinstance(seen.environment, Failure):
        return Verdict(Status.UNKNOWN, "unreadable", {"failure": seen.environment.sentence})
    setting = ops_config(seen.environment, seen.startup).loki_url
    evidence = (Evidence("LOKI_URL", setting.value or "unset", setting.source),)
    if setting.value is None:
        if hidden := unreadable(snapshot):
            return Verdict(Status.UNKNOWN, "unreadable", {"failure": hidden.sentence}, evidence)
        return Verdict(Status.WARN, "unset", {}, evidence, named(CauseId.LOKI_URL_UNSET))
    values = {"url": setting.value, "path": urlsplit(setting.value).path}
    if values["path"].strip("/"):
        cause = named(CauseId.LOKI_URL_PREFIXED, **values)
        return Verdict(Status.FAIL, "prefixed", values, evidence, cause)
    return Verdict(Status.PASS, "good", values, evidence)


URL = Check(CheckId.LOKI_URL, (Source.WORKLOAD,), _url)
