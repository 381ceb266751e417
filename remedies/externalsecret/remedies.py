"""The remedies for External Secrets: have one refreshed now, or create one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from probes.model import CauseId, CheckId, EnvironmentSeen, Snapshot, WorkloadSeen, seen_in
from probes.profile import Profile
from probes.rawjson import Obj, name_of, text
from probes.reach.apipath import CORE
from remedies.externalsecret.reading import (
    Externals,
    cannot_refresh,
    externals_in,
    is_ready,
    reference_to,
    source_of,
    target_of,
)
from remedies.externalsecret.steps import Wanted, create_steps, force_steps
from remedies.model import ObjectRef, Plan, Refusal, RefusedError, RemedyId
from remedies.performing.external import newest_warning, ready_condition
from remedies.performing.objects import read
from remedies.planning import Ask, new_id, plan_for
from remedies.token.place import VARIABLE
from remedies.world import World

_RUNNING = (
    "running pods keep the values they started with: restart-workload makes new ones read the new"
)
_NONE = "External Secrets is not installed here: the cluster serves no external-secrets.io"


class ForceSync:
    """force-sync-externalsecret. Option `name`: which; by default the one that is not synced."""

    id = RemedyId.FORCE_SYNC_EXTERNALSECRET
    causes = frozenset({CauseId.ARGOCD_EXTERNALSECRET_FAILED})

    async def plan(self, world: World, snapshot: Snapshot, ask: Ask) -> Plan:
        """The plan. Raises RefusedError where a refresh has no effect, and why; ProbeError."""
        found = await _found(world, snapshot.namespace)
        external = _chosen(found, snapshot, ask.options.get("name", ""))
        ref = reference_to(found.version, external)
        why = cannot_refresh(external)
        if why:
            raise RefusedError(Refusal.NOT_APPLICABLE, f"{ref} cannot be refreshed: {why}")
        _, told = await newest_warning(world, ref)
        return plan_for(
            self.id,
            snapshot,
            f"Have External Secrets refresh {ref.name} now{_because(external, told)}",
            force_steps(world.profile, ref, external),
            causes=sorted(self.causes),
            warnings=(_RUNNING,),
        )


class CreateExternalSecret:
    """create-externalsecret.

    Options: `name` of it and of its Secret, `key` in the Secret, `remote` and `property` in the
    store, `secret-store` as Kind/name. By default those that bring ARGOCD_TOKEN.
    """

    id = RemedyId.CREATE_EXTERNALSECRET
    causes: frozenset[CauseId] = frozenset()

    async def plan(self, world: World, snapshot: Snapshot, ask: Ask) -> Plan:
        """The plan. Raises RefusedError, ProbeError."""
        found, plan_id = await _found(world, snapshot.namespace), new_id()
        wanted = _wanted(world.profile, snapshot, ask.options, plan_id)
        _refuse_if_there(found, wanted)
        secret = await read(world, ObjectRef(CORE, "secrets", wanted.namespace, wanted.name))
        steps = await create_steps(world, found, replace(wanted, secret=secret))
        return plan_for(
            self.id,
            snapshot,
            (
                f"Create ExternalSecret {wanted.name}, which brings {wanted.source} into key "
                f"{wanted.key} of Secret {wanted.name}"
            ),
            steps,
            checks=(CheckId.ARGOCD_TOKEN,) if wanted.key == VARIABLE else (),
            warnings=(_RUNNING,),
            id=plan_id,
        )


async def _found(world: World, namespace: str) -> Externals:
    found = await externals_in(world, namespace)
    if not found.version:
        raise RefusedError(Refusal.NOT_APPLICABLE, _NONE)
    return found


def _chosen(found: Externals, snapshot: Snapshot, name: str) -> Obj:
    """The one that was named, else the one of the pods' that is not synced."""
    by_name = {name_of(one): one for one in found.items}
    there = f"there are {', '.join(sorted(by_name)) or 'none'}"
    if name:
        if name not in by_name:
            raise RefusedError(
                Refusal.NOT_APPLICABLE, f"there is no ExternalSecret {name}: {there}"
            )
        return by_name[name]
    wired = _secrets_of(snapshot)
    failing = {key: one for key, one in by_name.items() if not is_ready(one)}
    ours = {key: one for key, one in failing.items() if target_of(one) in wired} or failing
    if not ours:
        told = (
            f"every ExternalSecret is synced; name one with `name=` to refresh it anyway: {there}"
        )
        raise RefusedError(Refusal.NOTHING_TO_DO, told)
    if len(ours) > 1:
        told = f"several are not synced; name one with `name=`: {', '.join(sorted(ours))}"
        raise RefusedError(Refusal.NOT_APPLICABLE, told)
    return next(iter(ours.values()))


def _because(external: Obj, told: str) -> str:
    if is_ready(external):
        return ""
    message = text(ready_condition(external), "message") or "it was never synced"
    return f": {message}" + (f" ({told})" if told else "")


def _wanted(profile: Profile, snapshot: Snapshot, said: Mapping[str, str], plan: str) -> Wanted:
    """What was said, else what brings the token as the profile has it."""
    return Wanted(
        namespace=snapshot.namespace,
        name=said.get("name") or _last_secret(snapshot),
        key=said.get("key", VARIABLE),
        remote=said.get("remote", profile.token_aws_secret),
        part=said.get("property", profile.token_aws_property),
        plan=plan,
        store=said.get("secret-store", ""),
    )


def _refuse_if_there(found: Externals, wanted: Wanted) -> None:
    names = [name_of(one) for one in found.items]
    writing = found.writing(wanted.name)
    if writing and source_of(writing, wanted.key) == (wanted.remote, wanted.part):
        name = name_of(writing)
        raise RefusedError(
            Refusal.NOTHING_TO_DO, f"ExternalSecret {name} brings {wanted.source} already"
        )
    if wanted.name in names:
        raise RefusedError(
            Refusal.NOT_APPLICABLE,
            f"there is an ExternalSecret {wanted.name} already, and it does not bring "
            f"{wanted.source}; change it in Git, or name another with `name=`",
        )


def _secrets_of(snapshot: Snapshot) -> tuple[str, ...]:
    """The Secrets that the pods refer to."""
    workload: WorkloadSeen | None = seen_in(snapshot.workload)
    environment = workload.environment if workload else None
    if not isinstance(environment, EnvironmentSeen):
        return ()
    return tuple(one.name for one in environment.references if one.kind == "Secret")


def _last_secret(snapshot: Snapshot) -> str:
    """The Secret whose keys win."""
    found = _secrets_of(snapshot)
    if not found:
        told = "which Secret the pods read could not be seen; name it with `name=`"
        raise RefusedError(Refusal.NOT_APPLICABLE, told)
    return found[-1]
