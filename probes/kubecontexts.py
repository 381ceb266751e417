"""The contexts of the kubeconfig by name: plain reading, no credentials are used and none kept.

It waits for the disk: call it in a thread.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LARGEST = 16_000_000
"""Bytes of one file; the largest that people have are a hundredth of that."""


class ContextsError(Exception):
    """The kubeconfig cannot be read; the message is one sentence, without what stands in it."""


@dataclass(frozen=True, slots=True)
class Contexts:
    """What there is to choose from. `current` is empty where the kubeconfig names none."""

    current: str = ""
    names: tuple[str, ...] = ()


def read(kubeconfig: Path | None = None) -> Contexts:
    """The contexts as kubectl would see them. Raises ContextsError.

    Several files of `$KUBECONFIG` are merged: the first that says something counts. In a pod
    without any the service account is used, by the name that `probes.kubeconfig` gives it.
    """
    documents = [_document(path) for path in _files(kubeconfig) if path.exists()]
    if not documents and "KUBERNETES_SERVICE_HOST" in os.environ:
        return Contexts("in-cluster")
    current = next(filter(None, (_text(one.get("current-context")) for one in documents)), "")
    names = (name for one in documents for name in _names(one))
    return Contexts(current, tuple(dict.fromkeys(names)))


def _files(kubeconfig: Path | None) -> list[Path]:
    """As `probes.kubeconfig` finds them."""
    if kubeconfig:
        return [kubeconfig.expanduser()]
    given = os.environ.get("KUBECONFIG", "").split(os.pathsep)
    return [Path(one).expanduser() for one in given if one] or [Path.home() / ".kube" / "config"]


def _document(path: Path) -> dict[str, Any]:
    yaml: Any = importlib.import_module("yaml")  # it ships no types, and costs 20 ms
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        found = yaml.load(_read(path), Loader=loader)
    except OSError as error:
        raise ContextsError(f"kubeconfig {path} cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise ContextsError(f"kubeconfig {path} is not valid YAML") from None
    return found if isinstance(found, dict) else {}


def _read(path: Path) -> str:
    """Raises ContextsError for what may have no end, such as a pipe."""
    if not path.is_file() or path.stat().st_size > _LARGEST:
        raise ContextsError(f"kubeconfig {path} is no file, or far too large")
    return path.read_text(encoding="utf-8")


def _names(document: dict[str, Any]) -> Iterable[str]:
    entries = document.get("contexts")
    for entry in entries if isinstance(entries, list) else ():
        name = _text(entry.get("name")) if isinstance(entry, dict) else ""
        if name:
            yield name


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
