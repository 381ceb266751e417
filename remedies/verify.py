"""Verifying: after a plan the world is looked at again, and the verdict is part of the outcome."""

from __future__ import annotations

from probes.diagnosis import diagnose
from probes.model import CauseId, CheckId, Diagnosis, Status
from remedies.model import Outcome, OutcomeKind, Plan, RemedyId, StepOutcome
from remedies.world import World

_WAITS = (CauseId.WORKLOAD_STALE_CONFIG, CauseId.ARGOCD_APP_OUT_OF_SYNC)
"""Causes that say: it is on its way, and not in the running container yet."""

_QUESTIONS = frozenset({RemedyId.IN_CLUSTER_CURL})
"""Remedies that only ask: their outcome is the answer."""


async def verified(world: World, plan: Plan, steps: tuple[StepOutcome, ...]) -> Outcome:
    """One sweep more, and what it says of the plan's causes and checks."""
    diagnosis = diagnose(await world.sweep())
    if plan.remedy in _QUESTIONS and steps:
        return Outcome(OutcomeKind.VERIFIED, steps[-1].text, steps)
    kind, sentence = _judged(plan, diagnosis)
    return Outcome(kind, sentence, steps)


def _judged(plan: Plan, diagnosis: Diagnosis) -> tuple[OutcomeKind, str]:
    kind, sentence = (_as_before if plan.undoes else _mended)(plan, diagnosis)
    return kind, f"taken back; {sentence}" if plan.undoes else sentence


def _as_before(plan: Plan, diagnosis: Diagnosis) -> tuple[OutcomeKind, str]:
    """What was mended fails again once it is taken back: that is what it was taken back to."""
    again = next((one for one in diagnosis.causes if one.id in plan.causes), None)
    if again:
        return OutcomeKind.VERIFIED, f"{again.checks[0]} fails again, as before: {again.title}"
    return _mended(plan, diagnosis)


def _mended(plan: Plan, diagnosis: Diagnosis) -> tuple[OutcomeKind, str]:
    named = {cause.id: cause for cause in diagnosis.causes}
    waits = next((named[one] for one in _WAITS if one in named), None)
    still = [named[one] for one in plan.causes if one in named]
    if plan.waits_for:
        return OutcomeKind.WAITING, f"waiting for {plan.waits_for}"
    if still and waits:
        return OutcomeKind.WAITING, f"waiting for: {waits.title}"
    if still:
        return OutcomeKind.FAILING, f"still there: {still[0].title}. {still[0].explanation}"
    failing = [
        result
        for result in diagnosis.results
        if result.id in plan.checks and result.status in (Status.FAIL, Status.UNKNOWN)
    ]
    unexplained = [one for one in failing if not _explained(one.id, diagnosis)]
    if unexplained:
        return OutcomeKind.FAILING, f"{unexplained[0].id}: {unexplained[0].summary}"
    return OutcomeKind.VERIFIED, _words(plan, diagnosis)


def _explained(check: CheckId, diagnosis: Diagnosis) -> bool:
    """Whether another cause, none of the plan's, accounts for the check.

    What the portal shows is the symptom of whatever still fails.
    """
    named = {one for cause in diagnosis.causes for one in cause.checks}
    if check is not CheckId.PORTAL_METRICS:
        return check in named
    return any(one.id in named and one.status is Status.FAIL for one in diagnosis.results)


def _words(plan: Plan, diagnosis: Diagnosis) -> str:
    told = [f"{one.id}: {one.summary}" for one in diagnosis.results if one.id in plan.checks]
    return "; ".join(told) or diagnosis.sentence
