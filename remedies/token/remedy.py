"""deliver-argocd-token: mint a token that may list applications, and bring it into the pods.

A Secret's change restarts nothing, so that the workload is restarted at the end. The token is in
this process' memory only: no plan, journal, command line or file ever has it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from probes.diagnosis import diagnose
from probes.model import (
    ApplicationSeen,
    ArgoCDSeen,
    CauseId,
    CheckId,
    ControllerSeen,
    EnvironmentSeen,
    Failure,
    Observation,
    ProbeError,
    Snapshot,
    Status,
    WorkloadSeen,
    seen_in,
)
from probes.opsservice import ops_config
from remedies.argocd import own_token
from remedies.model import ArgoServer, ObjectRef, Plan, Refusal, RefusedError, RemedyId, Step
from remedies.planning import Ask, new_id, plan_for
from remedies.restart.steps import for_good, named, restart_steps, workload_ref
from remedies.token.bearer import Chosen, Where, choose_bearer
from remedies.token.before import stays_good
from remedies.token.place import by_hand, places_in
from remedies.token.server import proven, warnings
from remedies.token.shell import Tokens
from remedies.token.sight import unseen
from remedies.token.steps import NewToken, aws_steps, mint_step, secret_step, try_step
from remedies.words import NOT_KEPT
from remedies.workloads import read_workload
from remedies.world import World

LIFETIMES = ("24h", "7d", "30d", "90d", "unlimited")
"""What `lifetime` takes, the least first; any number of hours or days will do, too."""

LIFETIME = "7d"
"""The least that outlives a weekend: one of 24 h is judged as about to end when it is made."""


_UNLIMITED = "unlimited"
_HOURS = {"h": 1, "d": 24}
_STORES = ("secret", "aws")
_CAUSES = frozenset(
    {
        CauseId.ARGOCD_TOKEN_MISSING,
        CauseId.ARGOCD_TOKEN_NOT_WIRED,
        CauseId.ARGOCD_TOKEN_EXPIRED,
        CauseId.ARGOCD_TOKEN_REJECTED,
        CauseId.ARGOCD_TOKEN_NO_PERMISSION,
    }
)


class DeliverToken:
    """The remedy. Options: `lifetime`, `project`, `role`, `account`, `store`, `renew=yes`."""

    id = RemedyId.DELIVER_ARGOCD_TOKEN
    causes = _CAUSES

    async def plan(self, world: World, snapshot: Snapshot, ask: Ask) -> Plan:
        """The plan. Raises RefusedError that says what to set or to make first; ProbeError."""
        seen, said = _Seen.of(snapshot), ask.options
        causes = _causes_in(snapshot, renew=ask.insists("renew"))
        if seen.waits_for_restart:
            return await self._restart_only(world, snapshot, seen, causes)
        plan_id, store = new_id(), _store(world, said)
        token = _new_token(plan_id, said.get("lifetime", LIFETIME))
        server = await proven(world, seen.server)
        await _require_own_token(world)
        where = seen.where(world, server)
        chosen = await choose_bearer(world, where, said)
        told = await unseen(world, where, chosen.bearer)
        steps, lost = await _storing(world, snapshot.namespace, seen, token, store, plan_id)
        before = stays_good(seen.running, Tokens(world.profile, server))
        return plan_for(
            self.id,
            snapshot,
            _sentence(chosen, token, steps, seen.ref),
            (
                mint_step(world.profile, server, chosen, token),
                try_step(world.profile, seen.server, token),
                *steps,
                *await restart_steps(world, seen.ref, "so that new pods read the token"),
            ),
            checks=(CheckId.ARGOCD_TOKEN,),
            causes=causes,
            warnings=(*told, *lost, *before, *_ends(token), *warnings(world, server, seen.server)),
            id=plan_id,
        )

    async def _restart_only(
        self, world: World, snapshot: Snapshot, seen: _Seen, causes: tuple[CauseId, ...]
    ) -> Plan:
        """The token is there and good: the container has only started without it."""
        return plan_for(
            self.id,
            snapshot,
            f"Restart {named(seen.ref)}: a good token waits for it already, so none is minted",
            map(for_good, await restart_steps(world, seen.ref, "so that new pods read the token")),
            checks=(CheckId.ARGOCD_TOKEN,),
            causes=causes,
        )


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the snapshot knows of the workload and of Argo CD."""

    ref: ObjectRef
    environment: EnvironmentSeen
    argocd: ArgoCDSeen
    project: str
    started_without: bool

    @classmethod
    def of(cls, snapshot: Snapshot) -> _Seen:
        """Raises RefusedError where something could not be seen that has to be."""
        workload: WorkloadSeen = _required(snapshot.workload, "the workload")
        argocd: ArgoCDSeen = _required(snapshot.argocd, "Argo CD")
        application: ApplicationSeen | None = seen_in(snapshot.application)
        if not isinstance(workload.controller, ControllerSeen):
            raise _unseen(workload.controller.sentence)
        if not isinstance(workload.environment, EnvironmentSeen):
            raise _unseen(workload.environment.sentence)
        if not argocd.version:
            answer = argocd.version_answer
            why = f": {answer.sentence}" if isinstance(answer, Failure) else ""
            raise _unseen(f"{argocd.url} does not answer as Argo CD; mend that first{why}")
        return cls(
            workload_ref(workload.controller, workload.namespace),
            workload.environment,
            argocd,
            application.project if application else "",
            bool(workload.startup and workload.startup.argocd_configured is False),
        )

    @property
    def server(self) -> ArgoServer:
        """Argo CD, as ops-service reaches it."""
        return ArgoServer(self.argocd.url, self.argocd.insecure)

    @property
    def running(self) -> SecretStr | None:
        """The token that the container has."""
        return ops_config(self.environment).argocd_token

    @property
    def waits_for_restart(self) -> bool:
        """Whether the environment of a new pod has a good token, and the running one has none."""
        good = self.argocd.logged_in and bool(self.argocd.applications)
        return bool(self.started_without and self.argocd.token and good)

    def where(self, world: World, server: ArgoServer) -> Where:
        """Where to look for a role."""
        namespace = ops_config(self.environment).argocd_namespace
        return Where(server, world.profile.argocd_namespace or namespace, self.project)


def _causes_in(snapshot: Snapshot, *, renew: bool) -> tuple[CauseId, ...]:
    """Our causes that the diagnosis names. Raises RefusedError where there is none to mend."""
    diagnosis = diagnose(snapshot)
    found = tuple(one.id for one in diagnosis.causes if one.id in _CAUSES)
    if found or renew:
        return found
    result = next(one for one in diagnosis.results if one.id is CheckId.ARGOCD_TOKEN)
    if result.status is Status.UNKNOWN:
        raise _unseen(f"whether the token is what is wrong could not be seen: {result.summary}")
    sentence = f"the token is not what is wrong: {result.summary}"
    raise RefusedError(Refusal.NOTHING_TO_DO, f"{sentence}; `--set renew=yes` replaces it anyway")


async def _storing(
    world: World, namespace: str, seen: _Seen, token: NewToken, store: str, plan_id: str
) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    """The steps that store it, and what to know: Secrets that are passed over, no way back."""
    workload = await read_workload(world, seen.ref)
    if workload is None:
        raise _unseen(f"{named(seen.ref)} is not there")
    places = await places_in(world, workload, namespace)
    if store == "aws":
        return await aws_steps(world, places, namespace, token, plan_id), ()
    place, passed = by_hand(places.places)
    lost = (NOT_KEPT,) if place.before else ()
    return (secret_step(world.profile, place, token),), (*passed, *lost)


async def _require_own_token(world: World) -> None:
    try:
        await own_token(world)
    except ProbeError as error:
        raise RefusedError(Refusal.GUARD, error.failure.sentence) from error


def _store(world: World, said: Mapping[str, str]) -> str:
    store = said.get("store", world.profile.token_store)
    if store not in _STORES:
        told = f"`store={store}` is none of {', '.join(_STORES)}"
        raise RefusedError(Refusal.NOT_APPLICABLE, told)
    return store


def _new_token(plan_id: str, lifetime: str) -> NewToken:
    """Raises RefusedError where that is no lifetime."""
    name = f"opsportal-tui-{plan_id}"
    if lifetime == _UNLIMITED:
        return NewToken(name, 0, "which never ends")
    found = re.fullmatch(r"([1-9]\d{0,4})([hd])", lifetime)
    if found is None:
        told = f"`lifetime={lifetime}` is none: it takes {', '.join(LIFETIMES)}"
        raise RefusedError(Refusal.NOT_APPLICABLE, told)
    hours = int(found[1]) * _HOURS[found[2]]
    unit = "day" if found[2] == "d" else "hour"
    words = f"good for {found[1]} {unit}{'' if found[1] == '1' else 's'}"
    return NewToken(name, hours * 3600, words)


def _sentence(chosen: Chosen, token: NewToken, steps: tuple[Step, ...], ref: ObjectRef) -> str:
    stored = steps[0].title[:1].lower() + steps[0].title[1:]
    do = f"Mint a token of {chosen.bearer}, {token.words}; {stored}; then restart {named(ref)}"
    return f"{do}. Why that one: {chosen.why}"


def _ends(token: NewToken) -> tuple[str]:
    """When the token ends, and how to have another end."""
    offered = f"`--set lifetime=` takes {', '.join(LIFETIMES)}"
    if not token.lifetime_s:
        return (f"the token never ends; {offered}",)
    ends = datetime.now(UTC) + timedelta(seconds=token.lifetime_s)
    told = f"the token ends on {ends:%Y-%m-%d %H:%M} UTC, and must be renewed by then; {offered}"
    return (told,)


def _required(observation: Observation[Any] | None, what: str) -> Any:
    """What was seen. Raises RefusedError that says why it was not."""
    if observation is None or isinstance(observation.seen, Failure):
        why = observation.seen.sentence if observation else "it was not looked at"
        raise _unseen(f"{what} could not be seen: {why}")
    return observation.seen


def _unseen(sentence: str) -> RefusedError:
    return RefusedError(Refusal.NOT_APPLICABLE, sentence)
