"""What keeps a rollout from its end: somebody has to let it go on, or its controller gave up. Pure.

An Argo Rollout tells it by `status.pauseConditions`, `abort`, `phase` and `message` (Argo Rollouts,
`utils/rollout/rolloututil.go`, CalculateRolloutPhase), a Deployment by `spec.paused` alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from probes.profile import Profile
from probes.rawjson import Obj, mapping, objects, text
from remedies.model import ObjectRef
from remedies.shell import kubectl

_PROMOTION = "autoPromotionSeconds"


@dataclass(frozen=True, slots=True)
class Held:
    """It waits for a person: `why`, what they have to do (`promotes`), and kubectl's words."""

    why: str
    does: str
    words: tuple[str, ...]

    def told(self, profile: Profile, ref: ObjectRef) -> str:
        """As a sentence, with the command."""
        command = kubectl(profile, ref.namespace, *self.words)
        return f"{self.why}, and goes on when somebody {self.does} it: `{command}`"


def held(ref: ObjectRef, workload: Obj) -> Held | None:
    """What somebody has to let go; None where it goes on by itself."""
    is_rollout = ref.resource == "rollouts"
    spec, status = mapping(workload, "spec"), mapping(workload, "status")
    if not is_rollout:
        resume = ("rollout", "resume", f"deployment/{ref.name}")
        return Held("it is paused", "resumes", resume) if spec.get("paused") is True else None
    if status.get("abort") is True:
        told = text(status, "message") or "nobody says why"
        retry = ("argo", "rollouts", "retry", "rollout", ref.name)
        return Held(f"it was aborted ({told})", "retries", retry)
    where = _paused(spec, status)
    promote = ("argo", "rollouts", "promote", ref.name)
    return Held(f"it is paused {where}", "promotes", promote) if where else None


def will_stop(ref: ObjectRef, workload: Obj) -> Held | None:
    """Where a new template of a Rollout will wait for somebody; None where it never does."""
    strategy = mapping(mapping(workload, "spec"), "strategy")
    promote = ("argo", "rollouts", "promote", ref.name)
    steps = objects(mapping(strategy, "canary"), "steps")
    for number, step in enumerate(steps, 1):
        if "pause" in step and not mapping(step, "pause").get("duration"):
            return Held(f"it stops at canary step {number} of {len(steps)}", "promotes", promote)
    blue_green = mapping(strategy, "blueGreen")
    if blue_green.get("autoPromotionEnabled") is False and not blue_green.get(_PROMOTION):
        return Held("it stops before the new pods are asked", "promotes", promote)
    return None


def gave_up(workload: Obj) -> str:
    """Why its controller has given up; empty where it has not, or had before the last restart.

    A restart makes new pods and no new template: until they are ready, a Rollout stays degraded.
    """
    spec, status = mapping(workload, "spec"), mapping(workload, "status")
    restart = text(spec, "restartAt")
    given = [
        one
        for one in objects(status, "conditions")
        if one.get("type") == "Progressing" and one.get("status") == "False"
    ]
    if restart and max((text(one, "lastUpdateTime") for one in given), default="") < restart:
        return ""
    if text(status, "phase") == "Degraded":
        return f"it is degraded: {text(status, 'message')}"
    return next((text(one, "message") or text(one, "reason") for one in given), "")


def refused(workload: Obj) -> str:
    """Why no pod can be made just now (an admission policy, a quota); empty where one can."""
    for one in objects(mapping(workload, "status"), "conditions"):
        if one.get("type") == "ReplicaFailure" and one.get("status") == "True":
            return text(one, "message") or text(one, "reason")
    return ""


def _paused(spec: Obj, status: Obj) -> str:
    """Where a Rollout is paused without an end; empty where it is not."""
    if spec.get("paused") is True:
        return "by hand"
    strategy, step = mapping(spec, "strategy"), status.get("currentStepIndex")
    for one in objects(status, "pauseConditions"):
        reason = text(one, "reason")
        if reason == "BlueGreenPause" and mapping(strategy, "blueGreen").get(_PROMOTION):
            continue
        if reason != "CanaryPauseStep" or not isinstance(step, int):
            return f"({reason})"
        steps = objects(mapping(strategy, "canary"), "steps")
        if not any(mapping(now, "pause").get("duration") for now in steps[step : step + 1]):
            return f"at canary step {step + 1} of {len(steps)}"
    return ""
