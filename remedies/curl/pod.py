"""The pod of in-cluster-curl: small, pinned, not root, and past every policy of facts on Kyverno.

Production refuses pods without cpu and memory limits, images tagged `latest`, and pods named
`*-service-*` without a label `stage`; the restricted Pod Security Standard wants the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from probes.reach.apipath import CORE
from remedies.model import Field, ObjectRef

MANAGED_BY = {"app.kubernetes.io/managed-by": "opsportal-tui"}
NAME = {"app.kubernetes.io/name": "opsportal-curl"}
PLAN = "opsportal-tui/plan"

ACTIVE_S = 60
"""After that long the kubelet ends the pod by itself, whoever was killed in the meantime."""

_ANSWER_S = 10
_NOBODY = 65534
"""A number: of a name the kubelet cannot tell that it is not root's."""

_INJECT = "sidecar.istio.io/inject"
_HOLD = {"proxy.istio.io/config": "holdApplicationUntilProxyStarts: true"}

Obj = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CurlPod:
    """What is asked, and what for the pod must be like. `urls` by the name of their container."""

    plan: str
    namespace: str
    urls: Mapping[str, str]
    query: str
    image: str
    stage: str
    sidecar: bool

    @property
    def ref(self) -> ObjectRef:
        """The pod."""
        return ObjectRef(CORE, "pods", self.namespace, f"opsportal-curl-{self.plan}")

    @property
    def wanted(self) -> tuple[Field, ...]:
        """The label that tells it apart as this plan's."""
        pointer = f"/metadata/labels/{PLAN.replace('/', '~1')}"
        return (Field(pointer, self.plan),)

    def body(self) -> Obj:
        """The manifest."""
        inject = {_INJECT: "true" if self.sidecar else "false"}
        stage = {"stage": self.stage} if self.stage else {}
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": self.ref.name,
                "namespace": self.namespace,
                "labels": {**NAME, **MANAGED_BY, PLAN: self.plan, **stage, **inject},
                "annotations": {**inject, **(_HOLD if self.sidecar else {})},
            },
            "spec": {
                "restartPolicy": "Never",
                "activeDeadlineSeconds": ACTIVE_S,
                "terminationGracePeriodSeconds": 1,
                "automountServiceAccountToken": False,
                "enableServiceLinks": False,
                "securityContext": {
                    "runAsNonRoot": True,
                    "runAsUser": _NOBODY,
                    "seccompProfile": {"type": "RuntimeDefault"},
                },
                "containers": [self._container(name) for name in self.urls],
            },
        }

    def _container(self, name: str) -> Obj:
        return {
            "name": name,
            "image": self.image,
            "command": [_literal(word) for word in self.command(name)],
            "resources": {
                "requests": {"cpu": "10m", "memory": "16Mi"},
                "limits": {"cpu": "100m", "memory": "64Mi"},
            },
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "readOnlyRootFilesystem": True,
            },
        }

    def command(self, name: str) -> list[str]:
        """The command line of that container."""
        words = ["curl", "--silent", "--show-error", "--include", "--globoff"]
        words += ["--max-time", str(_ANSWER_S), "--get", "--data-urlencode", f"query={self.query}"]
        return [*words, "--url", self.urls[name]]


def _literal(word: str) -> str:
    """Kubernetes puts variables in for `$(NAME)`; a doubled `$` is one."""
    return word.replace("$", "$$")
