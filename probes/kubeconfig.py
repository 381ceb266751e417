"""Loads the credentials of one cluster in a process of its own; run by `probes.reach.credentials`.

Why a process: importing any of the kubernetes client costs 150 to 240 ms of a busy interpreter,
loading may run a plugin of the user's (`aws eks get-token`) that inherits our standard input and
would eat the keys of the dashboard, and neither can be given a time limit inside a process.

It prints one JSON object on its standard output and imports nothing else of this package.
"""

from __future__ import annotations

import argparse
import difflib
import importlib
import json
import logging
import os
import re
import urllib.request
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn
from urllib.parse import urlsplit

from kubernetes.config import ConfigException
from kubernetes.config.incluster_config import (
    SERVICE_CERT_FILENAME,
    SERVICE_TOKEN_FILENAME,
    InClusterConfigLoader,
)
from kubernetes.config.kube_config import KubeConfigLoader, KubeConfigMerger

# Neither package ships types for what is used of it here.
_IN_CLUSTER_LOADER: Any = InClusterConfigLoader
_LOADER: Any = KubeConfigLoader
_MERGER: Any = KubeConfigMerger
_YAML: Any = importlib.import_module("yaml")

_IN_CLUSTER = "in-cluster"
_NAMESPACE_FILE = Path(SERVICE_TOKEN_FILENAME).with_name("namespace")
_SHOWN_CONTEXTS = 8
_ADVICE = "set KUBECONFIG, or `kubeconfig` of the profile, to your cluster's file"


class CannotLoad(Exception):
    """Says in one sentence what is wrong and what to do about it."""


def main() -> None:
    """Print the credentials, or `{"error": sentence}`."""
    arguments = _arguments()
    # What a library prints must not mix with the answer.
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    try:
        found = _load(arguments.kubeconfig, arguments.context, arguments.scratch)
    except CannotLoad as error:
        found = {"error": str(error)}
    with answer:
        json.dump(found, answer)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kubeconfig")
    parser.add_argument("--context")
    parser.add_argument("--scratch", required=True)
    return parser.parse_args()


def _load(kubeconfig: str | None, context: str | None, scratch: str) -> dict[str, Any]:
    given = kubeconfig or os.environ.get("KUBECONFIG", "").strip(os.pathsep)
    paths = [Path(one).expanduser() for one in given.split(os.pathsep) if one]
    default = Path.home() / ".kube" / "config"
    if not paths and not default.exists() and "KUBERNETES_SERVICE_HOST" in os.environ:
        return _from_pod(context)
    return _from_files(paths or [default], context, scratch)


def _from_pod(context: str | None) -> dict[str, Any]:
    """The service account of the pod this runs in."""
    if context:
        raise CannotLoad(f"there is no kubeconfig to find context {context} in: {_ADVICE}")
    loader = _IN_CLUSTER_LOADER(SERVICE_TOKEN_FILENAME, SERVICE_CERT_FILENAME)
    try:
        loader.load_and_set(SimpleNamespace(api_key={}))
    except (ConfigException, OSError) as error:
        raise CannotLoad(
            f"the pod's service account is not usable ({error}): mount its token"
        ) from None
    namespace = _NAMESPACE_FILE.read_text().strip() if _NAMESPACE_FILE.exists() else ""
    return _told(loader, _IN_CLUSTER, namespace)


def _from_files(paths: list[Path], context: str | None, scratch: str) -> dict[str, Any]:
    present = [one for one in paths if one.exists()]
    where = ", ".join(map(str, present or paths))
    if not present:
        raise CannotLoad(f"there is no kubeconfig at {where}: {_ADVICE}")
    merger = _merged(present)
    name = context or _current(merger, where)
    settings = _context(merger, name, where)
    loader = _loader(merger, name, where, scratch)
    return _told(loader, name, str(settings.get("namespace") or ""))


def _merged(paths: list[Path]) -> Any:
    for path in paths:
        _check(path)
    return _MERGER(os.pathsep.join(map(str, paths)))


def _check(path: Path) -> None:
    """Say what is wrong with the file ourselves: the library's words can quote a secret in it."""
    try:
        document = _YAML.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CannotLoad(f"kubeconfig {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise CannotLoad(f"kubeconfig {path} is not a text file: {_ADVICE}") from None
    except _YAML.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" (line {mark.line + 1})" if mark else ""
        raise CannotLoad(f"kubeconfig {path} is not valid YAML{line}: mend it") from None
    if not isinstance(document, dict):
        raise CannotLoad(f"kubeconfig {path} is no kubeconfig (empty, or no mapping): {_ADVICE}")
    for kind, body in (("clusters", "cluster"), ("contexts", "context"), ("users", "user")):
        for entry in document.get(kind) or []:
            shaped = isinstance(entry, dict) and entry.get("name")
            if not shaped or not isinstance(entry.get(body) or {}, dict):
                raise CannotLoad(f"kubeconfig {path} has an entry of `{kind}` without a name")


def _current(merger: Any, where: str) -> str:
    """The first file's word counts, as with kubectl."""
    named = (str(one.get("current-context") or "") for one in merger.config_files.values())
    found = next(filter(None, named), "")
    if not found:
        raise CannotLoad(
            f"no current context in {where}: choose one with --context ({_listed(_names(merger))})"
        )
    return found


def _names(merger: Any, kind: str = "contexts") -> list[str]:
    documents = merger.config_files.values()
    return [str(entry["name"]) for one in documents for entry in one.get(kind) or []]


def _listed(names: list[str]) -> str:
    if not names:
        return "the file has none"
    more = ", …" if len(names) > _SHOWN_CONTEXTS else ""
    return f"contexts: {', '.join(names[:_SHOWN_CONTEXTS])}{more}"


def _context(merger: Any, name: str, where: str) -> dict[str, Any]:
    entry = _entry(merger, "contexts", name)
    if entry is None:
        names = _names(merger)
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise CannotLoad(f"there is no context {name} in {where}: {hint}({_listed(names)})")
    context: dict[str, Any] = entry.get("context") or {}
    cluster = _entry(merger, "clusters", str(context.get("cluster")))
    if cluster is None:
        told = context.get("cluster") or "that it does not name"
        raise CannotLoad(f"context {name} of {where} wants a cluster {told}, which is not there")
    server = str((cluster.get("cluster") or {}).get("server") or "")
    if urlsplit(server).scheme not in ("http", "https"):
        raise CannotLoad(
            f"cluster {context['cluster']} of {where} has no server: give it an https:// address"
        )
    return context


def _entry(merger: Any, kind: str, name: str) -> dict[str, Any] | None:
    documents = merger.config_files.values()
    entries = (entry for one in documents for entry in one.get(kind) or [])
    return next((one for one in entries if str(one["name"]) == name), None)


def _loader(merger: Any, name: str, where: str, scratch: str) -> Any:
    heard = _Heard()
    logging.getLogger().addHandler(heard)
    try:
        # config_base_path None: relative paths are relative to the file that has them.
        loader = _LOADER(
            merger.config, active_context=name, config_base_path=None, temp_file_path=scratch
        )
        loader.load_and_set(SimpleNamespace(api_key={}))
    except ConfigException as error:
        missing = re.fullmatch(r"File does not exist: (.*)", str(error))
        why = f"the file {missing[1]} is not there" if missing else "its entries are incomplete"
        raise CannotLoad(f"context {name} of {where} is not usable: {why}") from None
    user = _entry(merger, "users", _user_of(merger, name))
    if user and "exec" in (user.get("user") or {}):
        _check_plugin(loader, user["user"]["exec"], heard, name)
    return loader


def _user_of(merger: Any, context: str) -> str:
    entry = _entry(merger, "contexts", context) or {}
    return str((entry.get("context") or {}).get("user"))


class _Heard(logging.Handler):
    """The library logs why a plugin gave nothing, and goes on without credentials."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def _check_plugin(loader: Any, plugin: object, heard: _Heard, context: str) -> None:
    if getattr(loader, "token", None) or getattr(loader, "cert_file", None):
        return
    command = str(plugin.get("command")) if isinstance(plugin, dict) else "of the user"
    told = heard.messages[-1] if heard.messages else "it gave no credentials"
    if "No such file or directory" in told:
        raise CannotLoad(
            f"context {context} wants the credential command {command}, which is not installed "
            "here: install it, or put it on PATH"
        )
    lines = [line for line in told.splitlines() if line.strip()]
    raise CannotLoad(
        f"the credential command {command} of context {context} failed, run it by hand: "
        f"{lines[-1].removeprefix('exec: ')}"
    )


def _told(loader: Any, context: str, namespace: str) -> dict[str, Any]:
    expiry = getattr(loader, "expiry", None)
    return {
        "context": context,
        "namespace": namespace,
        "server": loader.host,
        "authorization": (getattr(loader, "token", None) or "").strip(),
        "ca": _pem(loader, "ssl_ca_cert"),
        "certificate": _pem(loader, "cert_file"),
        "key": _pem(loader, "key_file"),
        "verify": bool(getattr(loader, "verify_ssl", True)),
        "tls_server_name": str(getattr(loader, "tls_server_name", None) or ""),
        "proxy": str(getattr(loader, "proxy", None) or _proxy_of(loader.host)),
        "expires_at": expiry.timestamp() if expiry else None,
    }


def _pem(loader: Any, name: str) -> str:
    path = getattr(loader, name, None)
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        _refuse(path)


def _refuse(path: str) -> NoReturn:
    raise CannotLoad(f"the certificate file {path} of the kubeconfig cannot be read")


def _proxy_of(server: str) -> str:
    """The proxy that the environment (`HTTPS_PROXY`, `NO_PROXY`) wants for the API server."""
    parts = urlsplit(server)
    if not parts.hostname or urllib.request.proxy_bypass(parts.hostname):
        return ""
    return urllib.request.getproxies().get(parts.scheme, "")


if __name__ == "__main__":
    main()
