"""The action of in-cluster-curl: a pod of our own, which asks and goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from remedies.model.objects import Field, ObjectRef


@dataclass(frozen=True, slots=True)
class RunCurl:
    """Run a pod whose `containers` run curl, read their answers, and delete it in every outcome.

    `wanted` are the fields that tell it apart as ours; of each log at most `limit_bytes` are read.
    """

    ref: ObjectRef
    body: dict[str, Any]
    wanted: tuple[Field, ...]
    containers: tuple[str, ...]
    limit_bytes: int
    kind: Literal["run-curl"] = "run-curl"
