"""Secrets of the namespace that hold what looks like an Argo CD token."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

from probes.model import (
    EnvironmentSeen,
    Failure,
    FailureKind,
    ProbeError,
    SecretHolder,
    WorkloadSeen,
)
from probes.reach.cluster import Cluster
from probes.text import safe_text
from probes.token import claims_of

_VARIABLE = "ARGOCD_TOKEN"


async def token_holders(
    cluster: Cluster, workload: WorkloadSeen, timeout_s: float
) -> tuple[SecretHolder, ...] | Failure:
    """Every Secret and key with a token in it; values are looked at and let go."""
    namespace = workload.namespace
    asked = f"list secrets in {namespace}"
    try:
        async with asyncio.timeout(timeout_s):
            # Helm keeps its releases in Secrets of their own type, up to 1 MB each: not wanted.
            found = await cluster.get(
                f"/api/v1/namespaces/{namespace}/secrets", {"fieldSelector": "type=Opaque"}
            )
    except ProbeError as error:
        return error.failure
    except TimeoutError:
        return Failure(FailureKind.TIMEOUT, f"{asked}: no answer within {timeout_s:.1f} s", asked)
    secrets = (one for one in found.get("items") or () if isinstance(one, dict))
    return tuple(holder for one in secrets for holder in _holders(one, workload))


def _holders(secret: Mapping[str, Any], workload: WorkloadSeen) -> Iterator[SecretHolder]:
    name = str((secret.get("metadata") or {}).get("name") or "")
    for key, encoded in sorted((secret.get("data") or {}).items()):
        if _is_token(str(key), encoded):
            yield SecretHolder(safe_text(name), safe_text(str(key)), _wired(workload, name, key))


def _is_token(key: str, encoded: object) -> bool:
    """A non-empty value under a name like ARGOCD_TOKEN, or a JWT that Argo CD issued."""
    try:
        value = base64.b64decode(encoded if isinstance(encoded, str) else "").decode().strip()
    except (binascii.Error, ValueError):
        return False
    if key.casefold().replace("-", "_").replace(".", "_").endswith("argocd_token"):
        return bool(value)
    claims = claims_of(value)
    return claims is not None and claims.get("iss") == "argocd"


def _wired(workload: WorkloadSeen, secret: str, key: str) -> bool:
    """Whether a new container would find it in its ARGOCD_TOKEN."""
    environment = workload.environment
    if not isinstance(environment, EnvironmentSeen):
        return False
    refers = any(one.kind == "Secret" and one.name == secret for one in environment.references)
    variable = environment.variables.get(_VARIABLE)
    names_key = variable is not None and (variable.origin.name, variable.origin.key) == (
        secret,
        key,
    )
    return refers and (key == _VARIABLE or names_key)
