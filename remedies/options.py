"""What each remedy takes beside its name, as `--set KEY=VALUE`, and what each of them means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from remedies.model import RemedyId

Options = Mapping[str, str]

_PARAMETER: Options = {
    "value": "another value than the one that was worked out",
    "source": "which of the Application's sources, counted from 1; by default the workload's chart",
    "live": "`yes`: edit the live Application although its owner is known to revert that",
    "clone": "path of a local clone: commit the durable fix there, on a new branch, and no more",
    "branch": "name of that branch",
    "save": "a new file to save the durable fix to, and no more",
    "watch": "seconds to watch over a live edit that may be reverted (30; 0: not at all)",
}

OPTIONS: Mapping[RemedyId, Options] = {
    RemedyId.SET_PROMETHEUS_URL: _PARAMETER,
    RemedyId.SET_PROMETHEUS_NAMESPACE: _PARAMETER,
    RemedyId.SET_LOKI_URL: _PARAMETER,
    RemedyId.ENABLE_AUTO_MIGRATE: _PARAMETER,
    RemedyId.DELIVER_ARGOCD_TOKEN: {
        "lifetime": "how long the token is good for: 24h, 7d (the default), 30d, 90d, unlimited",
        "project": "the AppProject whose role the token is for",
        "role": "the role of that project; by default the one that may do least",
        "account": "an account with the capability `apiKey`, instead of a role",
        "store": "`secret` (a Secret of the pods) or `aws`; by default the profile's `token_store`",
        "renew": "`yes`: replace a token that is good",
    },
    RemedyId.FORCE_SYNC_EXTERNALSECRET: {
        "name": "which ExternalSecret; by default the pods' one that is not synced",
    },
    RemedyId.CREATE_EXTERNALSECRET: {
        "name": "of it and of its Secret; by default the last one that the pods refer to",
        "key": "in the Secret (ARGOCD_TOKEN)",
        "remote": "name of the remote secret; by default the profile's `token_aws_secret`",
        "property": "of the remote secret; by default the profile's `token_aws_property`",
        "secret-store": "as Kind/name; by default the one that the others here use",
    },
    RemedyId.RENAME_CONSTRAINT: {
        "order": "`safer` (the index first, the default) or `rename-only`",
    },
    RemedyId.RESTART_WORKLOAD: {
        "anyway": "`yes`: restart although nothing that was seen asks for it",
    },
    RemedyId.SYNC_APPLICATION: {
        "prune": "`yes`: delete what Git no longer declares",
    },
    RemedyId.REFRESH_APPLICATION: {},
    RemedyId.IN_CLUSTER_CURL: {
        "image": "an image with curl, pinned (curlimages/curl:8.10.1)",
        "query": "what to ask (`up`)",
        "sidecar": "`yes`: with the mesh's sidecar",
    },
}


def strange(remedy: RemedyId, keys: Iterable[str]) -> str:
    """A sentence on the first key that the remedy does not take; empty where there is none."""
    found = next((one for one in keys if one not in OPTIONS[remedy]), None)
    if found is None:
        return ""
    return f"{remedy} does not take `{found}`; it takes {', '.join(OPTIONS[remedy]) or 'nothing'}"
