"""Assembly: the parts of a world, put together but not yet started."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.argocd import ArgoCD
from sandbox.authservice import AuthService
from sandbox.cluster import Cluster
from sandbox.errors import SandboxError
from sandbox.keeper import Keeper
from sandbox.launch import Running
from sandbox.preparation import PORTAL_USER
from sandbox.remotekeys import RemoteKeys
from sandbox.serving import Server, serve

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from sandbox.kubernetes.tls import Tls
    from sandbox.scenario import Scenario


@dataclass
class World:
    """A scenario while it runs; `running`, set at the end of its start, is what clients get."""

    scenario: Scenario
    keeper: Keeper
    stack: AsyncExitStack
    cluster: Cluster
    argocd: ArgoCD
    auth: AuthService
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    running: Running = field(init=False)

    @classmethod
    def of(cls, scenario: Scenario, keeper: Keeper, stack: AsyncExitStack) -> World:
        """The parts of a scenario; `stack` ends what the world starts."""
        auth, part = AuthService(), scenario.argocd
        remote = RemoteKeys(scenario.remote.endpoint, scenario.remote.region)
        cluster = Cluster.new(lambda: auth.token(PORTAL_USER), remote)
        argocd = ArgoCD(
            cluster.store,
            self_heal_delay=part.self_heal_delay_s,
            root_delay=part.root_delay_s,
            sync_delay=part.sync_delay_s,
        )
        world = cls(scenario, keeper, stack, cluster, argocd, auth)
        stack.push_async_callback(world._end_loops)
        return world

    @property
    def folder(self) -> Path:
        """Where everything of this world lies."""
        return self.keeper.folder

    async def watch(self) -> None:
        """Never returns; raises what breaks one of the world's own loops."""
        done, _ = await asyncio.wait(self.tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
        raise SandboxError("a part of the sandbox ended by itself")

    async def serve(self, app: ASGIApp, tls: Tls | None = None) -> Server:
        """Serves an application for as long as the world lasts."""
        server = await serve(app, tls=tls)
        self.stack.push_async_callback(server.close)
        return server

    def keep_running(self, loop: Coroutine[Any, Any, None]) -> None:
        """Runs a loop for as long as the world lasts."""
        self.tasks.append(asyncio.create_task(loop))

    async def _end_loops(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.cluster.kubelet.close()
        self.cluster.controllers.close()
        self.cluster.external_secrets.close()
