"""Reading the workload as a remedy needs it: whole, wherever its template stands."""

from __future__ import annotations

from probes.rawjson import Obj
from probes.reach.apipath import APPS
from probes.workload.controller import referred, with_template
from remedies.model import ObjectRef
from remedies.performing.objects import read
from remedies.world import World


async def read_workload(world: World, ref: ObjectRef) -> Obj | None:
    """The Deployment or Rollout; None where it is not there. Raises ProbeError.

    A Rollout may take its template from a Deployment (`spec.workloadRef`).
    """
    found = await read(world, ref)
    lender = await lender_of(world, ref, found) if found else None
    return with_template(found, lender) if found and lender else found


async def lender_of(world: World, ref: ObjectRef, workload: Obj) -> Obj | None:
    """The Deployment that a Rollout takes its template from; None where it has its own."""
    name = referred(workload)
    return await read(world, ObjectRef(APPS, "deployments", ref.namespace, name)) if name else None
