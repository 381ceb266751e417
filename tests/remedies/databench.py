"""A real PostgreSQL behind a Deployment whose environment leads there, and an executor on both."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import asyncpg

from probes.model import Snapshot, Source
from probes.profile import Profile
from probes.reach import Reach, open_reach
from probes.sweep import Sweeper
from remedies.executor import Executor
from remedies.journal import Journal
from remedies.model import Outcome, Plan, Progress, RemedyId, RunSql
from remedies.planning import Ask
from remedies.registry import REMEDIES
from remedies.world import World
from sandbox.keeper import Keeper
from sandbox.kubernetes.store import Obj
from sandbox.postgres import DATABASE, Postgres, start_postgres
from tests.probes.kubeconfigs import NAMESPACE, Kubernetes, kubernetes
from tests.remedies.argoworld import LOADING_S

PASSWORD = "s3cret-of-the-admin"
_CONFIG = "ops-service-config"
_SOURCES = frozenset({Source.WORKLOAD, Source.DATABASE})

_EMPTY = """
drop schema public cascade; create schema public; grant usage on schema public to public;
"""
"""A database of its own would take half a second."""

_CATALOG = """
select string_agg(name, ', ' order by name) from (
  select 'constraint ' || conname as name from pg_constraint
   where contype = 'u' and connamespace = 'public'::regnamespace
  union all
  select 'index ' || i.relname from pg_index x join pg_class i on i.oid = x.indexrelid
   where x.indisunique and not x.indisprimary and i.relnamespace = 'public'::regnamespace
     and not exists (select from pg_constraint o where o.conindid = x.indexrelid)) as found
"""


@dataclass
class Bench:
    """The servers, kept from test to test."""

    postgres: Postgres
    cluster: Kubernetes
    reach: Reach
    profile: Profile

    @asynccontextmanager
    async def database(self, sql: str, tmp_path: Path, **settings: str) -> AsyncIterator[Databench]:
        """The database with that SQL in it and nothing else, which ops-service is told to use."""
        bench = Databench(self, Journal(tmp_path / "journal.jsonl"))
        bench.configure(**settings)
        await bench.run(_EMPTY + sql)
        yield bench


@dataclass
class Databench:
    """One database, and what is done to it."""

    bench: Bench
    journal: Journal
    told: list[Progress] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def profile(self) -> Profile:
        return self.bench.profile

    @property
    def own(self) -> str:
        return ""

    @property
    def postgres(self) -> Postgres:
        return self.bench.postgres

    def configure(self, **settings: str) -> None:
        """What stands in ops-service's ConfigMap, beside the address of the database."""
        server = self.postgres
        self.settings = {
            "DB_HOST": server.host,
            "DB_PORT": str(server.port),
            "DB_USER": server.user,
            "DB_PASSWORD": PASSWORD,
            "DB_NAME": DATABASE,
            "DB_AUTO_MIGRATE": "false",
            **settings,
        }

        def write(obj: Obj) -> None:
            obj["data"] = self.settings

        self.bench.cluster.store.change("ConfigMap", NAMESPACE, _CONFIG, write)

    async def run(self, sql: str) -> None:
        """Run it as the administrator."""
        await self.postgres.execute(sql)

    async def catalog(self) -> str:
        """The unique constraints and the other unique indexes, as one text."""
        connection = await self.connect()
        try:
            return str(await connection.fetchval(_CATALOG) or "")
        finally:
            await connection.close()

    async def connect(self) -> Any:
        """Another person's connection."""
        return await asyncpg.connect(**self.postgres.dsn())

    def world(self) -> World:
        return World(self.bench.reach, self.bench.profile, self.sweep)

    async def sweep(self) -> Snapshot:
        return await Sweeper(self.bench.reach, self.bench.profile).run(sources=_SOURCES)

    async def plan(self, **options: str) -> Plan:
        world, remedy = self.world(), REMEDIES[RemedyId.RENAME_CONSTRAINT]
        return await remedy.plan(world, await world.sweep(), Ask(options))

    async def apply(self, plan: Plan, why_not: Callable[[], str] = lambda: "") -> Outcome:
        executor = Executor(self.world(), self.journal, why_not)
        return await executor.apply(plan, self.told.append)

    def written(self) -> str:
        """The journal as it stands on the disk."""
        return self.journal.path.read_text() if self.journal.path.exists() else ""


@asynccontextmanager
async def servers() -> AsyncIterator[Bench]:
    """PostgreSQL, and a cluster with ops-service's Deployment and ConfigMap."""
    folder = Path(tempfile.mkdtemp(prefix="opsportal-test-"))
    async with AsyncExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        keeper = await Keeper.start(folder)
        stack.push_async_callback(keeper.close)
        postgres = await start_postgres(folder, keeper, password=PASSWORD)
        home = folder / "cluster"
        home.mkdir()
        cluster = await stack.enter_async_context(kubernetes(home))
        cluster.create(_config_map(), _deployment())
        profile = Profile(name="prod", kubeconfig=cluster.path, context="sandbox")
        reach = await stack.enter_async_context(open_reach(profile))
        await reach.cluster.ready(LOADING_S)
        yield Bench(postgres, cluster, reach, profile)


def _config_map() -> Obj:
    return {"kind": "ConfigMap", "metadata": {"name": _CONFIG, "namespace": NAMESPACE}, "data": {}}


def _deployment() -> Obj:
    labels = {"app.kubernetes.io/name": "ops-service"}
    container = {
        "name": "ops-service",
        "image": "x:1",
        "envFrom": [{"configMapRef": {"name": _CONFIG}}],
    }
    return {
        "kind": "Deployment",
        "metadata": {"name": "ops-service", "namespace": NAMESPACE},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }


def impatient(plan: Plan, **changes: Any) -> Plan:
    """The plan, with other limits for its statements (`lock_timeout_s=0.2`)."""
    steps = [
        replace(one, action=replace(one.action, **changes)) if _is_sql(one.action) else one
        for one in plan.steps
    ]
    return replace(plan, steps=tuple(steps))


def _is_sql(action: object) -> bool:
    return isinstance(action, RunSql)
