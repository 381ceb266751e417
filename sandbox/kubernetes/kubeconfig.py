"""Kubeconfig: the file that a client of the API server's stand-in is given."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CURRENT = "sandbox"
_CLUSTER = "sandbox"


def write_kubeconfig(
    path: Path, *, server: str, ca_pem: str, users: Mapping[str, str], namespace: str
) -> None:
    """Writes a kubeconfig (JSON, which is YAML) that only its owner can read.

    `users` maps a user to its bearer token. There is one context per user, named after it; the
    current one is `sandbox`, or the first user when there is no such user.
    """
    names = list(users)
    document: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": _CLUSTER,
                "cluster": {
                    "server": server,
                    "certificate-authority-data": base64.b64encode(ca_pem.encode()).decode(),
                },
            }
        ],
        "users": [{"name": name, "user": {"token": users[name]}} for name in names],
        "contexts": [
            {
                "name": name,
                "context": {"cluster": _CLUSTER, "user": name, "namespace": namespace},
            }
            for name in names
        ],
        "current-context": CURRENT if CURRENT in users or not names else names[0],
    }
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=2)
