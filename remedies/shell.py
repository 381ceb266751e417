"""Shell: the commands that a person could paste instead, quoted, for the very same target."""

from __future__ import annotations

import shlex
from urllib.parse import urlsplit

from probes.model import DsnSeen
from probes.profile import Profile
from probes.servicename import named
from probes.text import safe_text
from remedies.model import ArgoServer


def kubectl(profile: Profile, namespace: str, *arguments: str) -> str:
    """A kubectl command for the profile's cluster and a namespace.

    Those come last: before the name of a plugin kubectl takes no flags.
    """
    words = ["kubectl", *arguments, "-n", namespace]
    if profile.context:
        words += ["--context", profile.context]
    if profile.kubeconfig:
        words += ["--kubeconfig", str(profile.kubeconfig)]
    return shlex.join(words)


def argocd(profile: Profile, server: ArgoServer, *arguments: str) -> str:
    """An argocd command for that very server, whatever the command line is logged in to.

    A Service is reached by a port-forward of its own. Source of the flags: Argo CD,
    `docs/user-guide/commands/argocd.md`.
    """
    parts = urlsplit(server.url)
    words = ["argocd", *arguments]
    service = named(parts.hostname or "", "")
    if service and service.certain:
        words += ["--port-forward-namespace", service.namespace]
        words += ["--kube-context", profile.context] if profile.context else []
    else:
        words += ["--server", parts.netloc.rpartition("@")[2]]
    words += ["--plaintext"] if parts.scheme == "http" else []
    words += ["--insecure"] if server.insecure else []
    words += ["--grpc-web-root-path", parts.path] if parts.path else []
    return shlex.join(words)


def psql(dsn: DsnSeen, *statements: str) -> str:
    """One transaction of psql, which asks for the password; the first error ends it.

    A value is quoted as libpq's connection strings are (PostgreSQL manual, 34.1.1).
    """
    parts = {
        "host": dsn.host,
        "port": str(dsn.port),
        "user": dsn.user,
        "dbname": dsn.database,
        "sslmode": dsn.sslmode,
    }
    told = " ".join(f"{name}={_conninfo(safe_text(value))}" for name, value in parts.items())
    words = ["psql", told]
    words += ["-X", "-v", "ON_ERROR_STOP=1", "--single-transaction"]
    for one in statements:
        words += ["-c", one]
    return shlex.join(words)


def _conninfo(value: str) -> str:
    if value and not set(value) & set(" '\\"):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
