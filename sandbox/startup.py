"""Startup: brings a world up, the slow programs side by side, and says where everything is."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from sandbox import gateway, overlay, preparation, traffic
from sandbox.assembly import World
from sandbox.faults import fault
from sandbox.inventory import ARGOCD_NAMESPACE, NAMESPACE, users
from sandbox.inventory.settings import Login
from sandbox.kubelet.runtime import Elsewhere
from sandbox.kubernetes.api import kubernetes_app
from sandbox.kubernetes.kubeconfig import write_kubeconfig
from sandbox.kubernetes.tls import Authority
from sandbox.launch import Running
from sandbox.population import Servers, deploy, populate
from sandbox.postgres import Postgres
from sandbox.preparation import PORTAL_USER
from sandbox.processes import free_port
from sandbox.prometheus import PrometheusServer, start_prometheus
from sandbox.prometheus.series import portal_series
from sandbox.scenario import Change
from sandbox.serving import Server

_TOKEN_S = 24 * 3600
"""The tokens that are handed out outlive the session; a portal user's real one lives 30 minutes."""

_SETTLED_S = 5.0
_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class _Doors:
    """The servers that answer on loopback."""

    kubernetes: Server
    argocd: Server
    auth: Server
    portal: Server


async def start(world: World, database: asyncio.Task[Postgres], password: str) -> None:
    """Starts everything and sets `world.running`; what was started ends with the world.

    Raises an ExceptionGroup of StartError when a program does not start.
    """
    async with asyncio.TaskGroup() as group:
        starting = group.create_task(_postgres(world, database))
        measuring = group.create_task(_prometheus(world))
        opening = group.create_task(_open_doors(world))
    postgres, prometheus, doors = starting.result(), measuring.result(), opening.result()
    sslmode = "require" if world.scenario.database.tls else "disable"
    login = Login(postgres.host, postgres.port, postgres.user, password, sslmode)
    await _run_cluster(world, login, prometheus, doors)
    await preparation.add_portal_user(postgres)
    _start_traffic(world, prometheus)
    world.cluster.admission.policies = world.scenario.admission
    cluster = world.cluster
    overlay.change(cluster.store, world.argocd.commit, cluster.remote, world.scenario.after)
    if world.scenario.after != Change():
        await world.cluster.settle(_SETTLED_S, revision=world.argocd.git.revision)
    world.running = _announce(world, postgres, prometheus, doors)


async def _postgres(world: World, database: asyncio.Task[Postgres]) -> Postgres:
    postgres = await database
    await preparation.prepare(postgres, world.scenario.database)
    return postgres


async def _prometheus(world: World) -> PrometheusServer:
    part = world.scenario.prometheus
    server = await start_prometheus(
        world.folder, world.keeper, prefix=part.prefix, stand_in=part.stand_in
    )
    world.stack.push_async_callback(server.stop)
    series = portal_series(
        time.time(), traffic=part.traffic, mesh=part.mesh, namespace=part.namespace
    )
    await server.push(series)
    return server


async def _open_doors(world: World) -> _Doors:
    cluster = world.cluster
    authority = await asyncio.to_thread(Authority)
    tls = authority.issue(world.folder, label="kubernetes")
    app = kubernetes_app(
        cluster.store, cluster.logs, cluster.network, cluster.access, cluster.admission.refusal
    )
    client = await world.stack.enter_async_context(gateway.gateway_client(cluster.network))
    doors = _Doors(
        kubernetes=await world.serve(app, tls),
        argocd=await world.serve(world.argocd.app),
        auth=await world.serve(world.auth.app),
        portal=await world.serve(gateway.gateway_app(client, NAMESPACE)),
    )
    write_kubeconfig(
        world.folder / "kubeconfig",
        server=f"https://{_LOOPBACK}:{doors.kubernetes.port}",
        ca_pem=authority.pem,
        users=users.admit(cluster.access),
        namespace=NAMESPACE,
    )
    return doors


async def _run_cluster(
    world: World, login: Login, prometheus: PrometheusServer, doors: _Doors
) -> None:
    cluster = world.cluster
    cluster.containers.elsewhere |= {
        "prometheus": Elsewhere({9090: (prometheus.host, prometheus.port)}),
        "auth-service": Elsewhere({8080: (_LOOPBACK, doors.auth.port)}),
        "argocd-server": Elsewhere({8080: (_LOOPBACK, doors.argocd.port)}),
    }
    await _break_parts(world)
    servers = Servers(login, prometheus.args, prometheus.prefix)
    populate(cluster, world.scenario, world.argocd, servers)
    world.keep_running(cluster.controllers.run())
    world.keep_running(cluster.kubelet.run())
    world.keep_running(cluster.external_secrets.run())
    # What ops-service's past is made of must answer when it starts.
    await cluster.settle(_SETTLED_S)
    deploy(cluster, world.scenario)
    world.keep_running(world.argocd.run())
    await cluster.settle(_SETTLED_S)


async def _break_parts(world: World) -> None:
    """Puts the scenario's faults in place: in the pod itself, else on the way to the Service.

    A fault in the pod is met by every route, a port-forward included.
    """
    cluster = world.cluster
    elsewhere = cluster.containers.elsewhere
    for service, kind in world.scenario.faults.items():
        address = await world.stack.enter_async_context(fault(kind))
        if service in elsewhere:
            nobody = (_LOOPBACK, free_port())
            elsewhere[service] = Elsewhere(
                dict.fromkeys(elsewhere[service].ports, address or nobody)
            )
        else:
            home = ARGOCD_NAMESPACE if service.startswith("argocd") else NAMESPACE
            cluster.controllers.faults[(home, service)] = address


def _start_traffic(world: World, prometheus: PrometheusServer) -> None:
    cluster = world.cluster
    world.keep_running(traffic.scrape(cluster.store, cluster.network, NAMESPACE))
    world.keep_running(traffic.feed(prometheus, world.scenario.prometheus))
    world.keep_running(
        traffic.poll_portal(cluster.network, NAMESPACE, lambda: world.auth.token(PORTAL_USER))
    )


def _announce(
    world: World, postgres: Postgres, prometheus: PrometheusServer, doors: _Doors
) -> Running:
    return Running(
        scenario=world.scenario.name,
        kubeconfig=world.folder / "kubeconfig",
        context=users.ADMIN,
        namespace=NAMESPACE,
        addresses={
            "kubernetes": f"https://{_LOOPBACK}:{doors.kubernetes.port}",
            "portal": f"http://{_LOOPBACK}:{doors.portal.port}{gateway.PORTAL}",
            "prometheus": f"http://{prometheus.host}:{prometheus.port}{prometheus.prefix}",
            "argocd": f"http://{_LOOPBACK}:{doors.argocd.port}",
            "auth": f"http://{_LOOPBACK}:{doors.auth.port}",
            "postgres": f"{postgres.host}:{postgres.port}",
        },
        portal_token=world.auth.token(PORTAL_USER, lifetime_s=_TOKEN_S),
        argocd_token=world.argocd.session(lifetime_s=_TOKEN_S),
    )
