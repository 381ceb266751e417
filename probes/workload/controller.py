"""Reading a Deployment (apps/v1) or an Argo Rollout (argoproj.io/v1alpha1) into what was seen."""

from __future__ import annotations

from probes.model import ConditionSeen, ControllerSeen
from probes.rawjson import Obj, mapping, objects, text, texts
from probes.text import safe_text

_REVISIONS = ("deployment.kubernetes.io/revision", "rollout.argoproj.io/revision")


def controller_seen(obj: Obj, kind: str, container: str) -> ControllerSeen:
    """One controller; `container` is the one whose literal variables are of interest."""
    metadata, spec, status = (mapping(obj, part) for part in ("metadata", "spec", "status"))
    template = mapping(spec, "template")
    desired = spec.get("replicas", 1)
    annotations = texts(mapping(metadata, "annotations"))
    return ControllerSeen(
        kind=kind,
        name=text(metadata, "name"),
        desired=desired if isinstance(desired, int) else 1,
        updated=_count(status, "updatedReplicas"),
        ready=_count(status, "readyReplicas"),
        available=_count(status, "availableReplicas"),
        observed=_observed(metadata, status),
        revision=next((annotations[key] for key in _REVISIONS if key in annotations), ""),
        template_annotations=texts(mapping(mapping(template, "metadata"), "annotations")),
        template_env=_literals(container_of(template, container)),
        conditions=_conditions(status),
        paused=spec.get("paused") is True,
        labels=texts(mapping(metadata, "labels")),
        annotations=annotations,
    )


def _conditions(status: Obj) -> tuple[ConditionSeen, ...]:
    return tuple(
        ConditionSeen(
            text(one, "type"), text(one, "status"), text(one, "reason"), text(one, "message")
        )
        for one in objects(status, "conditions")
    )


def container_of(pod: Obj, name: str) -> Obj | None:
    """The container of that name in a pod or a pod template, or None."""
    found = objects(mapping(pod, "spec"), "containers")
    return next((one for one in found if one.get("name") == name), None)


def referred(rollout: Obj) -> str:
    """The Deployment that a Rollout takes its template from, by name; empty where it has its own.

    Source: Argo Rollouts, docs/migrating.md (`spec.workloadRef`).
    """
    reference = mapping(mapping(rollout, "spec"), "workloadRef")
    return text(reference, "name") if reference.get("kind") == "Deployment" else ""


def with_template(rollout: Obj, deployment: Obj) -> Obj:
    """The Rollout, with the template and, where it has none, the selector of that Deployment."""
    lent = mapping(deployment, "spec")
    spec = {"selector": lent.get("selector"), **mapping(rollout, "spec")}
    return {**rollout, "spec": {**spec, "template": lent.get("template")}}


def selector_of(obj: Obj) -> str:
    """The controller's pod selector as a label selector; empty where it has none."""
    selector = mapping(mapping(obj, "spec"), "selector")
    wanted = [f"{key}={value}" for key, value in sorted(mapping(selector, "matchLabels").items())]
    for one in objects(selector, "matchExpressions"):
        wanted.append(_expression(one))
    return ",".join(filter(None, wanted))


def _expression(one: Obj) -> str:
    key, values = str(one.get("key")), one.get("values")
    listed = ",".join(map(str, values)) if isinstance(values, list) else ""
    match one.get("operator"):
        case "In":
            return f"{key} in ({listed})"
        case "NotIn":
            return f"{key} notin ({listed})"
        case "Exists":
            return key
        case "DoesNotExist":
            return f"!{key}"
    return ""


def _observed(metadata: Obj, status: Obj) -> bool:
    """A Rollout writes its observedGeneration as a text."""
    try:
        return int(status.get("observedGeneration", 0)) >= int(metadata.get("generation", 0))
    except (TypeError, ValueError):
        return True


def _literals(container: Obj | None) -> dict[str, str]:
    found = objects(container or {}, "env")
    return {
        text(one, "name"): safe_text(str(one["value"]), 1_000) for one in found if one.get("value")
    }


def _count(status: Obj, key: str) -> int:
    found = status.get(key)
    return found if isinstance(found, int) else 0
