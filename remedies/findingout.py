"""Finding out: the commands that show, after a crash, whether a step was done on its target. Pure.

They are made with the plan, while it is known which target that is: a bastion has many.
"""

from __future__ import annotations

from dataclasses import replace
from shlex import join, quote

from probes.profile import Profile
from remedies.model import CreateObject, DeleteObject, PatchObject, Plan, Step
from remedies.shell import kubectl


def findable(plan: Plan, profile: Profile) -> Plan:
    """The plan with those commands in it, for the profile's own cluster."""
    words = ["opsportal-tui", "fix", plan.remedy.value, "--plan", "--profile", plan.profile]
    words += ["--context", profile.context] if profile.context else []
    words += ["-n", plan.namespace] if plan.namespace else []
    steps = tuple(replace(one, look=one.look or _shown(one, profile)) for one in plan.steps)
    return replace(plan, steps=steps, again=join(words))


def look_of(step: Step) -> str:
    """What shows whether it was done; where the plan has no command for it, the object at least."""
    action = step.action
    if step.look or not isinstance(action, PatchObject | CreateObject | DeleteObject):
        return step.look
    return f"kubectl -n {quote(action.ref.namespace)} get {quote(str(action.ref))} -o yaml"


def again(plan: Plan) -> str:
    """The command that plans it anew, and so looks whether there is anything left to do."""
    return plan.again or f"opsportal-tui fix {plan.remedy} --plan --profile {quote(plan.profile)}"


def _shown(step: Step, profile: Profile) -> str:
    """The object that it changes, where it is one."""
    action = step.action
    if not isinstance(action, PatchObject | CreateObject | DeleteObject):
        return ""
    return kubectl(profile, action.ref.namespace, "get", str(action.ref), "-o", "yaml")
