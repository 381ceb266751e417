"""Whether a PodDisruptionBudget keeps a workload's pods, for whoever restarts them by eviction.

Argo Rollouts does, since v0.10.2 (argoproj/argo-rollouts, issue 908): where a budget lets no pod
go, the API server refuses each eviction, and the restart never ends.
"""

from __future__ import annotations

from probes.model import FailureKind, ProbeError
from probes.rawjson import Obj, mapping, name_of, objects
from probes.reach.apipath import namespaced
from probes.workload.controller import selector_of
from remedies.model import ObjectRef
from remedies.shell import kubectl
from remedies.world import World

_POLICY = "apis/policy/v1"


async def kept(world: World, ref: ObjectRef, workload: Obj) -> str:
    """Which budget lets none of the pods go and what to do then, in words; empty for none.

    Where the budgets may not be seen, that is what is said. Raises ProbeError.
    """
    try:
        found = await world.reach.cluster.get(
            namespaced(_POLICY, ref.namespace, "poddisruptionbudgets")
        )
    except ProbeError as error:
        if error.failure.kind is not FailureKind.FORBIDDEN:
            raise
        return "whether a PodDisruptionBudget keeps its pods may not be seen"
    names = [name_of(one) for one in objects(found, "items") if _keeps(one, workload)]
    if not names:
        return ""
    delete = kubectl(world.profile, ref.namespace, "delete", "pod", "-l", selector_of(workload))
    return (
        f"PodDisruptionBudget {names[0]} lets none of its pods go, and Argo Rollouts restarts by "
        f"eviction: the restart does not end until they are deleted by hand (`{delete}`), or "
        "there are more of them"
    )


def _keeps(budget: Obj, workload: Obj) -> bool:
    """Whether it is about these pods, and wants as many of them as there are."""
    status = mapping(budget, "status")
    wanted, there = int(status.get("desiredHealthy", 0)), int(status.get("expectedPods", 0))
    return 0 < there <= wanted and _selects(mapping(mapping(budget, "spec"), "selector"), workload)


def _selects(selector: Obj, workload: Obj) -> bool:
    spec = mapping(workload, "spec")
    template = mapping(mapping(mapping(spec, "template"), "metadata"), "labels")
    labels = template or mapping(mapping(spec, "selector"), "matchLabels")
    return mapping(selector, "matchLabels").items() <= labels.items() and all(
        _meets(one, labels) for one in objects(selector, "matchExpressions")
    )


def _meets(expression: Obj, labels: Obj) -> bool:
    """Kubernetes, `LabelSelectorRequirement`."""
    key, values = str(expression.get("key")), expression.get("values") or ()
    match expression.get("operator"):
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case _:
            return key not in labels
