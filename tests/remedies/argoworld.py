"""A small world with Argo CD in it: an API server, Argo CD, External Secrets, and a Deployment."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from probes.model import Snapshot
from probes.profile import Profile
from probes.reach import Reach, open_reach
from probes.tokensource import TokenSource
from remedies.executor import Executor
from remedies.journal import Journal
from remedies.model import Outcome, Plan, Progress, RemedyId, Step
from remedies.planning import Ask
from remedies.registry import REMEDIES
from remedies.world import World
from sandbox.argocd import ArgoCD, install
from sandbox.clock import Clock
from sandbox.controllers.externalsecrets import ExternalSecrets
from sandbox.events import Events
from sandbox.inventory import secrets
from sandbox.kubernetes.access import Access
from sandbox.kubernetes.api import kubernetes_app
from sandbox.kubernetes.kubeconfig import write_kubeconfig
from sandbox.kubernetes.logs import Logs
from sandbox.kubernetes.store import Change, Obj, Store
from sandbox.kubernetes.tls import Authority
from sandbox.network import Network
from sandbox.remotekeys import RemoteKeys
from sandbox.serving import serve
from tests.checks import worlds

LOADING_S = 30.0
"""Credentials load in half a second, on a machine that has nothing else to do."""

NAMESPACE = "wealist-prod"
SECRET = "wealist-argocd-secret"
SHARED = "wealist-shared-secret"
KEY = "ARGOCD_TOKEN"
ROLE = "ops-portal"


class Fault:
    """What a server does with some requests: `refuse` them, `lose` its answer, or `hang`.

    `hang-after` hangs once it has done what was asked, `quote` refuses in the request's own words.
    `bad` finds fault with it (400), `busy` puts off (429), `forbid` denies, `down` is a proxy with
    nothing behind it (503), and `cut` breaks the connection off in the middle of the answer; a
    `policy` denies dry runs, too.
    `late` does what was asked once another one was met (`until`), and never answers; `hold` does
    it then, and answers; `see` only notes that it was met. `times` is how often, `after` another
    one that must have been met before, `words` what it answers. A `rehearsal` meets dry runs only.
    """

    def __init__(
        self,
        method: str,
        path: str,
        kind: str,
        *,
        times: int = 99,
        after: Fault | None = None,
        until: Fault | None = None,
        words: str = "it broke",
        rehearsal: bool = False,
    ) -> None:
        self.method, self.path, self.kind = method, path, kind
        self.times, self.after, self.until = times, after, until
        self.words, self.rehearsal = words, rehearsal
        self.reached = asyncio.Event()

    def meets(self, scope: Mapping[str, Any]) -> bool:
        within = self.path in scope["path"] and scope["method"] == self.method
        due = self.times > 0 and (self.after is None or self.after.reached.is_set())
        rehearsed = b"dryRun" in scope["query_string"]
        return within and due and (self.kind == "policy" or self.rehearsal == rehearsed)


class Faulty:
    """An ASGI application with faults on the way to it, and a record of what it was sent.

    `requests` are all of them, `writes` those that change something and `bodies` what they carry,
    `shown` the paths that came with somebody's authorization. `before` hears of each before it is
    answered.
    """

    def __init__(self) -> None:
        self.serve(None)

    def serve(self, app: Any) -> None:
        """From now on that application, without faults."""
        self._app = app
        self.faults: list[Fault] = []
        self.requests: list[str] = []
        self.writes: list[str] = []
        self.bodies: list[bytes] = []
        self.shown: list[str] = []
        self.before: Callable[[str, str], None] = lambda method, path: None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self.requests.append(f"{scope['method']} {scope['path']}")
        self.before(scope["method"], scope["path"])
        if b"authorization" in dict(scope["headers"]):
            self.shown.append(scope["path"])
        if _writes(scope):
            self.writes.append(f"{scope['method']} {scope['path']}")
            receive = self._kept(receive)
        fault = next((one for one in self.faults if one.meets(scope)), None)
        if fault is None:
            await self._app(scope, receive, send)
            return
        fault.times -= 1
        if fault.kind in ("see", "hold"):
            fault.reached.set()
            if fault.until:
                await fault.until.reached.wait()
            await self._app(scope, receive, send)
            return
        if fault.kind == "late":
            await self._late(fault, scope, await receive())
        words = _WORDS.get(fault.kind, fault.words)
        if fault.kind == "quote":
            words = (await receive())["body"].decode()
        if fault.kind in ("lose", "hang-after"):
            await self._app(scope, receive, _nowhere)
        fault.reached.set()
        if fault.kind.startswith(("hang", "late")):
            await asyncio.Event().wait()
        code = _CODES.get(fault.kind, 500)
        headers = [(b"content-type", b"application/json")]
        if fault.kind == "cut":
            headers.append((b"content-length", b"100000"))
        await send({"type": "http.response.start", "status": code, "headers": headers})
        status = {"kind": "Status", "apiVersion": "v1", "code": code, "message": words}
        await send({"type": "http.response.body", "body": json.dumps(status).encode()})

    def _kept(self, receive: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[Any]]:
        async def kept() -> Any:
            message = await receive()
            self.bodies.append(message.get("body", b""))
            return message

        return kept

    async def _late(self, fault: Fault, scope: Any, message: Any) -> None:
        assert fault.until
        fault.reached.set()
        await fault.until.reached.wait()

        async def receive() -> Any:
            return message

        await self._app(scope, receive, _nowhere)


_WORDS = {
    "policy": 'admission webhook "validate.kyverno.svc-fail" denied the request: policy no-tokens'
}
_CODES = {"bad": 400, "busy": 429, "down": 503, "forbid": 403, "cut": 200, "policy": 400}


def _writes(scope: Mapping[str, Any]) -> bool:
    is_review = scope["path"].startswith("/apis/authorization.k8s.io/")
    return scope["method"] != "GET" and b"dryRun" not in scope["query_string"] and not is_review


async def _nowhere(_message: Any) -> None:
    return None


@dataclass
class ArgoWorld:
    """The world as a test looks at it and pushes it."""

    bench: Bench
    store: Store
    access: Access
    remote: RemoteKeys
    argocd: ArgoCD
    reach: Reach
    journal: Journal
    own: str
    profile: Profile
    told: list[Progress] = field(default_factory=list)
    after: list[Snapshot] = field(default_factory=list)
    """What the sweep after a plan sees; the healthy world by default."""

    @property
    def url(self) -> str:
        return self.bench.url

    @property
    def argocd_server(self) -> Faulty:
        return self.bench.argocd

    @property
    def kubernetes(self) -> Faulty:
        return self.bench.kubernetes

    def world(self, reach: Reach | None = None, **changes: Any) -> World:
        source = TokenSource.argocd(self.profile, SecretStr(self.own))
        world = World(reach or self.reach, self.profile, self._sweep, source)
        return replace(world, **changes)

    async def _sweep(self) -> Snapshot:
        return self.after.pop(0) if self.after else self.healthy()

    def healthy(self) -> Snapshot:
        return worlds.world(argocd=worlds.argocd(url=self.url))

    def missing(self, **argocd: Any) -> Snapshot:
        """The container has no token."""
        settings = {name: value for name, value in worlds.SETTINGS.items() if name != KEY}
        workload = worlds.workload(
            environment=worlds.environment(settings),
            startup=worlds.startup(argocd_configured=False),
        )
        nothing: dict[str, Any] = {"token": None, "logged_in": None, "applications": None}
        seen = worlds.argocd(**({"url": self.url, "holders": ()} | nothing | argocd))
        return worlds.world(workload=workload, argocd=seen)

    async def plan(
        self,
        remedy: RemedyId = RemedyId.DELIVER_ARGOCD_TOKEN,
        snapshot: Snapshot | None = None,
        world: World | None = None,
        **options: str,
    ) -> Plan:
        said = {name.replace("_", "-"): value for name, value in options.items()}
        made = REMEDIES[remedy].plan(world or self.world(), snapshot or self.missing(), Ask(said))
        return await made

    async def apply(
        self, plan: Plan, world: World | None = None, why_not: Callable[[], str] = lambda: ""
    ) -> Outcome:
        executor = Executor(world or self.world(), self.journal, why_not)
        return await executor.apply(plan, self.told.append)

    # what stands where

    def secret(self, name: str = SECRET) -> dict[str, str] | None:
        found = self.store.find("Secret", NAMESPACE, name)
        if found is None:
            return None
        data = found.get("data") or {}
        return {key: base64.b64decode(value).decode() for key, value in data.items()}

    def token_ids(self) -> set[str]:
        """The ids of the role's tokens at Argo CD."""
        project = self.store.get("AppProject", "argocd", NAMESPACE)
        by_role = (project.get("status") or {}).get("jwtTokensByRole") or {}
        return {one["id"] for one in (by_role.get(ROLE) or {}).get("items") or ()}

    def deployment(self) -> Obj:
        return self.store.get("Deployment", NAMESPACE, "ops-service")

    def restarted(self) -> bool:
        metadata = self.deployment()["spec"]["template"]["metadata"]
        return "kubectl.kubernetes.io/restartedAt" in (metadata.get("annotations") or {})

    def hold_rollouts(self, *, held: bool = True) -> None:
        """No template is rolled out until they are let go."""

        def mutate(deployment: Obj) -> None:
            deployment["metadata"]["annotations"] = {"stuck": "yes"} if held else {}

        self.store.change("Deployment", NAMESPACE, "ops-service", mutate)

    def change_role(self, **changes: Any) -> None:
        def mutate(project: Obj) -> None:
            project["spec"]["roles"][0].update(changes)

        self.store.change("AppProject", "argocd", NAMESPACE, mutate)

    def everything_told(self) -> str:
        """What a person or a file has been told until now."""
        told = "\n".join(f"{one.step} {one.text}" for one in self.told)
        written = self.journal.path.read_text() if self.journal.path.exists() else ""
        return told + written


def step_of(plan: Plan, id: str) -> Step:
    return next(one for one in plan.steps if one.id == id)


def quick(plan: Plan, **limits: float) -> Plan:
    """The plan, with other time limits for some steps (`await_rollout=0.1`)."""
    known = {name.replace("_", "-"): limit for name, limit in limits.items()}
    steps = (replace(one, limit_s=known.get(one.id, one.limit_s)) for one in plan.steps)
    return replace(plan, steps=tuple(steps))


class Bench:
    """The servers and the way to them, kept from test to test; what they serve is each test's own.

    To load a kubeconfig's credentials takes half a second.
    """

    def __init__(self, folder: Path) -> None:
        self.kubernetes, self.argocd = Faulty(), Faulty()
        self.kubeconfig = folder / "kubeconfig"
        self.profile = Profile(kubeconfig=self.kubeconfig, context="sandbox", timeout_s=3.0)
        self.url = ""
        self._folder = folder
        self._tokens = {name: f"token-of-{name}" for name in ("sandbox", "limited")}

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Reach]:
        """Serve, and reach it."""
        tls = Authority().issue(self._folder)
        servers = [await serve(self.kubernetes, tls=tls), await serve(self.argocd)]
        self.url = f"http://127.0.0.1:{servers[1].port}"
        self.profile = self.profile.model_copy(update={"argocd_url": self.url})
        write_kubeconfig(
            self.kubeconfig,
            server=f"https://127.0.0.1:{servers[0].port}",
            ca_pem=tls.ca_pem,
            users=self._tokens,
            namespace=NAMESPACE,
        )
        try:
            async with open_reach(self.profile) as reach:
                await reach.cluster.ready(LOADING_S)
                yield reach
        finally:
            await asyncio.gather(*(one.close() for one in servers))

    @asynccontextmanager
    async def world(
        self, reach: Reach, tmp_path: Path, remote: RemoteKeys | None = None
    ) -> AsyncIterator[ArgoWorld]:
        """Production's objects around the token, with nothing delivered yet."""
        clock, remote = Clock(), remote or RemoteKeys()
        store, access = Store(clock=clock), Access()
        for name, token in self._tokens.items():
            access.add_user(name, token)
        access.allow_all("sandbox")
        for name in (NAMESPACE, "argocd"):
            store.create({"kind": "Namespace", "metadata": {"name": name}})
        install(store, parameters={})
        argocd = ArgoCD(store)
        secrets.secret_store(store)
        secrets.external(store, remote, SHARED, {"DB_PASSWORD": "hunter2hunter2"})
        store.subscribe(lambda change: roll_out(store, change))
        store.create(_deployment())
        operator = ExternalSecrets(store, Events(store, clock), remote, clock)
        self.kubernetes.serve(kubernetes_app(store, Logs(), Network(NAMESPACE), access))
        self.argocd.serve(argocd.app)
        operating = asyncio.create_task(operator.run())
        journal = Journal(tmp_path / "journal.jsonl")
        own = argocd.session(lifetime_s=600)
        try:
            yield ArgoWorld(self, store, access, remote, argocd, reach, journal, own, self.profile)
        finally:
            operating.cancel()
            with suppress(asyncio.CancelledError):
                await operating
            operator.close()


def _deployment() -> Obj:
    sources = [
        {"configMapRef": {"name": "ops-service-config"}},
        {"secretRef": {"name": SHARED}},
        {"secretRef": {"name": SECRET, "optional": True}},
    ]
    container = {"name": "ops-service", "image": "x:1", "envFrom": sources}
    labels = {"app.kubernetes.io/name": "ops-service"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "ops-service", "namespace": NAMESPACE},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }


def roll_out(store: Store, change: Change) -> None:
    """Every template is rolled out at once, unless an annotation stops it."""
    obj = change.obj
    if obj["kind"] != "Deployment" or change.type == "DELETED":
        return
    if "stuck" in (obj["metadata"].get("annotations") or {}):
        return
    counts = dict.fromkeys(("replicas", "updatedReplicas", "availableReplicas"), 1)
    status = {"observedGeneration": obj["metadata"]["generation"], **counts}
    if obj.get("status") != status:
        store.update({**obj, "status": status}, subresource="status")
