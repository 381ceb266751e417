"""Syncing: the steps that have Argo CD sync an Application, shared by remedies.

Asked for as Argo CD's own server and `kubectl` do: by the field `operation` of the Application
(Argo CD, docs/user-guide/sync-kubectl.md).
"""

from __future__ import annotations

import json
from dataclasses import replace

from probes.application.owner import sync_policy
from probes.profile import Profile
from probes.rawjson import Obj, mapping
from probes.reach.apipath import ARGOPROJ
from remedies.model import (
    AwaitOperation,
    AwaitSync,
    Field,
    ObjectRef,
    Permission,
    RequestSync,
    Step,
)
from remedies.performing.applications import operation_of
from remedies.shell import kubectl

_LIMIT_S = 180.0
"""For a sync: one that waits for another to end takes as long as that."""

_TIMEOUT = f"--timeout={_LIMIT_S:g}s"

NO_WAY_BACK = "a sync is not taken back: it made the cluster what Git and the Application say"


def application_ref(namespace: str, name: str) -> ObjectRef:
    """An Application."""
    return ObjectRef(ARGOPROJ, "applications", namespace, name)


def is_automated(application: Obj) -> bool:
    """Whether Argo CD syncs it by itself; an empty `automated` switches that on, too."""
    policy = sync_policy(application)
    automated = policy.get("automated")
    return automated is not None and mapping(policy, "automated").get("enabled") is not False


def request_step(
    profile: Profile, ref: ObjectRef, application: Obj, plan_id: str, *, prune: bool = False
) -> Step:
    """Ask for the sync; it waits while another operation runs."""
    options = sync_policy(application).get("syncOptions")
    named = tuple(map(str, options)) if isinstance(options, list) else ()
    action = RequestSync(ref, plan_id, prune, named)
    patch = json.dumps({"operation": operation_of(action)})
    deletes = "; what Git no longer declares is deleted" if prune else "; nothing is deleted"
    return Step(
        id="request-sync",
        title=f"Have Argo CD sync Application {ref.name}",
        action=action,
        shell=kubectl(profile, ref.namespace, "patch", str(ref), "--type", "merge", "-p", patch),
        limit_s=_LIMIT_S,
        risk_words=f"what differs from Git becomes as Git has it{deletes}",
        guard="no other operation of the Application runs; one that does is waited for",
        permissions=(Permission.on(ref, "patch"),),
        undo_words=NO_WAY_BACK,
        look=kubectl(profile, ref.namespace, "get", str(ref), "-o", "yaml"),
    )


def with_way_back(step: Step) -> Step:
    """The same, for a sync that brings an edit: the way back of the edit needs one, too."""
    if not isinstance(step.action, RequestSync):
        raise ValueError(f"step {step.id} asks for no sync")
    undo = replace(step.action, id=f"{step.action.id}-undo")
    return replace(step, undo=undo, undo_words=step.shell, follows=True)


def operation_step(profile: Profile, action: AwaitOperation) -> Step:
    """Wait for the operation's end."""
    ref = action.application
    done = "--for=jsonpath={.status.operationState.phase}=Succeeded"
    return Step(
        id="await-operation",
        title=f"Wait until no operation of Application {ref.name} runs",
        action=action,
        shell=kubectl(profile, ref.namespace, "wait", str(ref), done, _TIMEOUT),
        limit_s=_LIMIT_S,
        permissions=(Permission.on(ref, "get"),),
    )


def config_step(
    profile: Profile, action: AwaitSync, was: str | None, back: tuple[Field, ...]
) -> Step:
    """Wait until the ConfigMap has the value; the way back waits for the one it `was`."""
    config = action.config_map
    undo = AwaitSync(action.application, config, action.key, was, back, action.since)
    return Step(
        id="await-sync",
        title=f"Wait until Argo CD has synced ConfigMap {config.name}",
        action=action,
        shell=_until(profile, action),
        limit_s=_LIMIT_S,
        permissions=(Permission.on(action.application, "get"), Permission.on(config, "get")),
        undo=undo,
        undo_words=_until(profile, undo),
    )


def _until(profile: Profile, action: AwaitSync) -> str:
    """kubectl waits for a value; for one that goes away it can only look."""
    config, place = action.config_map, f"jsonpath={{.data.{action.key}}}"
    name = f"configmap/{config.name}"
    if action.value is None:
        return kubectl(profile, config.namespace, "get", name, "-o", place)
    wanted = f"--for={place}={action.value}"
    return kubectl(profile, config.namespace, "wait", name, wanted, _TIMEOUT)
