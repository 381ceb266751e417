"""Whose token will be minted: a project role's that may list applications, or an account's.

A role's token stands in its AppProject. An account's stands in Secret argocd-secret, where External
Secrets wipes it within seconds if that Secret is its own (External Secrets Operator,
`externalsecret_controller_template.go`, ApplyTemplate).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from urllib.parse import quote

from probes.model import FailureKind, ProbeError
from probes.profile import Profile
from probes.rawjson import Obj, mapping, name_of, objects, text
from probes.reach.apipath import ARGOPROJ, namespaced
from probes.tokensource import ARGOCD_VARIABLE
from remedies.argocd import ask as ask_argocd
from remedies.externalsecret.reading import externals_in, target_of, wipes
from remedies.model import ArgoServer, Bearer, Permission, Refusal, RefusedError
from remedies.token.shell import Tokens
from remedies.world import World

_SECRET = "argocd-secret"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A bearer, why it is this one, and what the person needs to mint for it."""

    bearer: Bearer
    why: str
    permissions: tuple[Permission, ...] = ()


@dataclass(frozen=True, slots=True)
class Where:
    """Where to look: the server, its namespace, and the project of ops-service's Application."""

    server: ArgoServer
    namespace: str
    project: str = ""


async def choose_bearer(world: World, where: Where, said: Mapping[str, str]) -> Chosen:
    """What was said (`account`, or `project` and `role`), else the role with the least rights.

    Raises RefusedError that says what must be there, ProbeError.
    """
    groups = await _own_groups(world, where.server)
    if said.get("account"):
        return await _account(world, where, said["account"])
    projects = await _projects(world, where, said.get("project", ""))
    found = sorted(_fitting(projects, where.project, said.get("role", "")))
    if not found:
        raise RefusedError(Refusal.NOT_APPLICABLE, _no_role(world.profile, projects, where, said))
    bearer = Bearer(project=found[0].project, role=found[0].role)
    permissions = _to_mint(where.server, projects, bearer, groups)
    return Chosen(bearer, await _why_role(world, where.namespace), permissions)


async def _account(world: World, where: Where, name: str) -> Chosen:
    account = await ask_argocd(world, where.server, f"/api/v1/account/{quote(name, safe='')}")
    if "apiKey" not in (account.get("capabilities") or ()):
        raise RefusedError(
            Refusal.NOT_APPLICABLE,
            f"account {name} has no capability `apiKey`, so that Argo CD mints no token for it; "
            f"use a project role: leave out `account`",
        )
    owner = await _wiping(world, where.namespace)
    if owner:
        raise RefusedError(
            Refusal.GUARD,
            f"ExternalSecret {owner} owns Secret {_SECRET} and wipes tokens of accounts from it "
            "within seconds; use a project role: leave out `account`",
        )
    permission = Permission("argocd", "update", "accounts", name=name, server=where.server)
    return Chosen(Bearer(account=name), f"account {name} was asked for", (permission,))


async def _why_role(world: World, namespace: str) -> str:
    why = "a role's token stands in its AppProject and may only do what the role may"
    owner = await _wiping(world, namespace)
    wiped = f"; an account's would be wiped: ExternalSecret {owner} owns Secret {_SECRET}"
    return why + (wiped if owner else "")


async def _wiping(world: World, namespace: str) -> str:
    """The ExternalSecret that wipes tokens of accounts; empty for none, or where none is told."""
    try:
        found = await externals_in(world, namespace)
    except ProbeError:
        return ""
    owners = (o for o in found.items if target_of(o) == _SECRET and wipes(o))
    return next((name_of(one) for one in owners), "")


async def _projects(world: World, where: Where, name: str) -> tuple[Obj, ...]:
    """The AppProjects: as the cluster has them, else as Argo CD tells us."""
    path = namespaced(ARGOPROJ, where.namespace, "appprojects", name)
    try:
        found = await world.reach.cluster.get(path)
    except ProbeError as error:
        if error.failure.kind is not FailureKind.FORBIDDEN:
            raise
        path = f"/api/v1/projects/{quote(name, safe='')}" if name else "/api/v1/projects"
        found = dict(await ask_argocd(world, where.server, path))
    return (found,) if name else objects(found, "items")


@dataclass(frozen=True, slots=True, order=True)
class _Fit:
    """A role that fits; the smallest is the best: of our project, without other rights, wide."""

    elsewhere: bool
    may_more: bool
    narrow: bool
    project: str
    role: str


def _fitting(projects: Iterable[Obj], ours: str, wanted: str) -> Iterator[_Fit]:
    for project in projects:
        name = name_of(project)
        for role in objects(mapping(project, "spec"), "roles"):
            if wanted and role.get("name") != wanted:
                continue
            fit = _fit(name, role, ours)
            if fit:
                yield fit


def _fit(project: str, role: Obj, ours: str) -> _Fit | None:
    """How the role fits, or None where it may not get applications."""
    name = text(role, "name")
    rules = [rule for rule in _rules(role) if rule[1:2] == [f"proj:{project}:{name}"]]
    reading = [rule for rule in rules if _covers_get(rule)]
    if not reading or any(rule[5] == "deny" for rule in reading):
        return None
    more = any(rule[3] != "get" for rule in rules)
    wide = any(rule[4].endswith("*") for rule in reading)
    return _Fit(project != ours, more, not wide, project, name)


def _rules(role: Obj) -> Iterator[list[str]]:
    """The policies `p, subject, resource, action, object, effect`, taken apart."""
    for line in role.get("policies") or ():
        rule = [part.strip() for part in str(line).split(",")]
        if len(rule) == 6 and rule[0] == "p":
            yield rule


def _covers_get(rule: list[str]) -> bool:
    return fnmatchcase("applications", rule[2]) and fnmatchcase("get", rule[3])


async def _own_groups(world: World, server: ArgoServer) -> frozenset[str]:
    """The person's groups. Raises RefusedError where Argo CD does not know the person."""
    info = await ask_argocd(world, server, "/api/v1/session/userinfo")
    if info.get("loggedIn") is not True:
        raise RefusedError(
            Refusal.GUARD,
            f"Argo CD does not accept your own token; log in again, and set {ARGOCD_VARIABLE} anew",
        )
    return frozenset(info.get("groups") or ())


def _to_mint(
    server: ArgoServer, projects: Iterable[Obj], bearer: Bearer, groups: frozenset[str]
) -> tuple[Permission, ...]:
    """To update the project; a member of the role's own groups needs nothing more.

    Source: Argo CD `server/project/project.go`, createToken.
    """
    for project in projects:
        if name_of(project) != bearer.project:
            continue
        for role in objects(mapping(project, "spec"), "roles"):
            if role.get("name") == bearer.role and groups & set(role.get("groups") or ()):
                return ()
    return (Permission("argocd", "update", "projects", name=bearer.project, server=server),)


def _no_role(
    profile: Profile, projects: tuple[Obj, ...], where: Where, said: Mapping[str, str]
) -> str:
    """What must be there, with the commands that make it."""
    names = [name_of(one) for one in projects]
    wanted = said.get("project") or where.project
    project = wanted or next((name for name in names if name != "default"), "default")
    role = said.get("role") or "ops-portal"
    create, add = Tokens(profile, where.server).make_role(project, role)
    return (
        f"no role of project {project} may get applications. Who looks after Argo CD can make one "
        f"(in Git, where the AppProject comes from there): `{create}`, then `{add}`"
    )
