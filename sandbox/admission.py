"""Admission: policies that refuse pods, with the words of Kyverno's webhook."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from sandbox.kubernetes.store import Obj
from sandbox.scenario import Policy

_WEBHOOK = 'admission webhook "validate.kyverno.svc-fail" denied the request'


class Admission:
    """The policies in force. They never touch pods that are there already."""

    def __init__(self) -> None:
        self.policies: Sequence[Policy] = ()

    def refusal(self, pod: Obj) -> str | None:
        """Why the pod may not be created, as the API server says it; None when it may."""
        broken = [policy for policy in self.policies if _breaks(pod, policy)]
        if not broken:
            return None
        metadata = pod["metadata"]
        name = metadata.get("name") or metadata.get("generateName", "")
        told = "\n".join(f"{one.name}:\n  {one.name}: '{one.message}'" for one in broken)
        subject = f"resource Pod/{metadata['namespace']}/{name}"
        return f"{_WEBHOOK}: \n\n{subject} was blocked due to the following policies \n\n{told}\n"


def _breaks(pod: Obj, policy: Policy) -> bool:
    metadata = pod["metadata"]
    name = metadata.get("name") or metadata.get("generateName", "")
    if not fnmatchcase(name, policy.pods):
        return False
    if policy.limits:
        return not all(_limited(one) for one in pod["spec"].get("containers", []))
    if policy.label:
        key, _, value = policy.label.partition("=")
        return bool((metadata.get("labels") or {}).get(key) != value)
    return True


def _limited(container: Obj) -> bool:
    limits = (container.get("resources") or {}).get("limits") or {}
    return bool(limits.get("cpu") and limits.get("memory"))
