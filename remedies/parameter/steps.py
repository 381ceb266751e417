"""The live steps that bring a helm parameter into the pods: edit, sync, new pods that read it."""

from __future__ import annotations

import json

from probes.profile import Profile
from probes.rawjson import Obj, mapping
from remedies.application.syncing import (
    config_step,
    is_automated,
    request_step,
    with_way_back,
)
from remedies.model import (
    AwaitSync,
    Field,
    PatchObject,
    Permission,
    Refusal,
    RefusedError,
    Risk,
    Step,
)
from remedies.parameter.helm import Edit, told
from remedies.parameter.managed import Managed
from remedies.performing.applications import newest_operation
from remedies.performing.objects import at, json_patch
from remedies.planning import unified
from remedies.restart.steps import (
    for_good,
    restart_steps,
    risk_of,
    risk_of_template,
    rollout_step,
)
from remedies.shell import kubectl
from remedies.workloads import read_workload
from remedies.world import World

_CHECKSUM = "checksum/"
"""How charts name an annotation of a template that moves with a ConfigMap or a Secret."""


async def live_steps(world: World, there: Managed, edit: Edit, plan_id: str) -> tuple[Step, ...]:
    """Edit where it is wrong, sync where nobody does, wait, and restart where nothing else does.

    Raises RefusedError, ProbeError.
    """
    profile = world.profile
    workload = await read_workload(world, there.workload)
    if workload is None:
        raise RefusedError(Refusal.NOT_APPLICABLE, f"{there.workload} is not there")
    edits = not edit.is_so
    steps: list[Step] = []
    by_itself = _restarts_by_itself(workload)
    if edits:
        risk = (risk_of_template if by_itself else risk_of)(profile, there.workload, workload)
        steps.append(_edit_step(profile, there, edit, risk))
    if not (edits and is_automated(there.application)):
        request = request_step(profile, there.ref, there.application, plan_id)
        steps.append(with_way_back(request) if edits else request)
    steps.append(_await_sync(profile, there, edit))
    if by_itself:
        steps.append(rollout_step(profile, there.workload))
    else:
        steps += await restart_steps(world, there.workload, "so that new pods read it")
    return tuple(steps) if edits else tuple(_unedited(one) for one in steps)


def _unedited(step: Step) -> Step:
    """Where nothing was edited there is nothing to take back; a sync says so itself."""
    return for_good(step) if step.undo else step


def _edit_step(profile: Profile, there: Managed, edit: Edit, risk: tuple[Risk, str]) -> Step:
    uid = Field("/metadata/uid", at(there.application, "/metadata/uid"))
    action = PatchObject(there.ref, (uid, *edit.expected), edit.wanted)
    back = PatchObject(there.ref, (uid, *edit.left), edit.back)
    before = edit.parameters.entries or ()
    return Step(
        id="edit",
        title=f"Set {edit.name} of Application {there.ref.name} to {edit.value}",
        action=action,
        shell=_patch(profile, action),
        limit_s=15.0,
        diff=unified(told(before), told(edit.after), f"{there.ref}/helm/parameters"),
        risk=risk[0],
        risk_words=risk[1],
        guard="every helm parameter of the Application is as it was seen, image.tag included",
        permissions=(Permission.on(there.ref, "patch"),),
        undo=back,
        undo_words=_patch(profile, back),
    )


def _patch(profile: Profile, action: PatchObject) -> str:
    ref = action.ref
    patch = json.dumps(json_patch(action))
    return kubectl(profile, ref.namespace, "patch", str(ref), "--type", "json", "-p", patch)


def _await_sync(profile: Profile, there: Managed, edit: Edit) -> Step:
    key = edit.name.partition(".")[2]
    since = newest_operation(there.application)
    action = AwaitSync(there.ref, there.config_map, key, edit.value, edit.kept, since)
    return config_step(profile, action, there.in_map, edit.back)


def _restarts_by_itself(workload: Obj) -> bool:
    """Whether the template has a checksum that moves with the ConfigMap.

    By its name: one of a Secret moves with that alone. Where it covers the ConfigMap under another
    name the pods are restarted once more, which does no harm.
    """
    template = mapping(mapping(workload, "spec"), "template")
    notes = mapping(mapping(template, "metadata"), "annotations")
    names = [str(one).removeprefix(_CHECKSUM) for one in notes if str(one).startswith(_CHECKSUM)]
    return any("config" in one and "secret" not in one for one in names)
