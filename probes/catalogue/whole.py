"""The words about the whole: the sentence on top and what crosses the data path."""

from __future__ import annotations

SENTENCES = {
    "pending": "Looking: {done} of {total} checks have answered.",
    "healthy": "Nothing is wrong: all {total} checks pass.",
    "warned": "Nothing failed; {count} of {total} checks warn, first: {summary}",
    "healthy-zero": "The zeros are the truth: nothing failed, and there was no traffic.",
    "zero-partly": "The zeros are the truth: there was no traffic. {count} of {total} checks could "
    "not look.",
    "blind": "Nothing could be seen: {summary}",
    "blind-denied": "Nothing could be seen. Ask for the Role that `opsportal-tui rbac` prints: "
    "{summary}",
    "blind-unreachable": "Nothing could be seen. Check the VPN and the kubeconfig's context: "
    "{summary}",
    "kept": "{sentence}. What stands below was seen before.",
    "one": "{title}. {advice}",
    "many": "{count} causes. First: {title}. {advice}",
    "failed-unnamed": "A check failed without a known cause: {summary}",
    "unknown": "Nothing failed, but {count} of {total} checks could not look: {summary}",
}

EDGES = {
    "pending": "…",
    "unseen": "not seen",
    "failure": "{kind}",
    "status": "{status}",
    "portal.zero": "200, all 0",
    "portal.zero-true": "200, 0 is true",
    "portal.numbers": "200, {requests}",
    "prometheus.unset": "no URL",
    "prometheus.malformed": "no usable URL",
    "prometheus.answers": "200",
    "argocd.no-token": "no token",
    "argocd.html": "HTML, no API",
    "argocd.applications": "200, {applications}",
    "database.tables": "{count} of 3 tables",
}
