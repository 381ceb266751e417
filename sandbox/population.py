"""Population: fills a cluster with the objects of a scenario, as old as it says they are."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sandbox import overlay
from sandbox.argocd import ArgoCD, accounts, chart, install
from sandbox.cluster import Cluster
from sandbox.inventory import ARGOCD_NAMESPACE, NAMESPACE, secrets, settings, workloads
from sandbox.inventory import cluster as objects
from sandbox.inventory.settings import Login
from sandbox.scenario import ArgoCDPart, Scenario

_CLUSTER_AGE = timedelta(days=5)
"""How old everything but ops-service's pods is, at least."""

_TOKEN_KEY = "ARGOCD_TOKEN"
_SIGNING_KEY = "server.secretkey"
_OAUTH = "argocd-oauth-secret"
"""The ExternalSecret behind Secret argocd-secret, in production."""


@dataclass(frozen=True)
class Servers:
    """What the objects tell of the servers behind them."""

    login: Login
    prometheus_args: Sequence[str]
    prometheus_prefix: str


def populate(cluster: Cluster, scenario: Scenario, argocd: ArgoCD, servers: Servers) -> None:
    """Creates everything but ops-service's own objects."""
    cluster.clock.back = max(_CLUSTER_AGE, scenario.pods.age + timedelta(days=1))
    objects.build(cluster.store)
    _configure(cluster, scenario, servers.login)
    workloads.build(
        cluster.store, workloads.prometheus(servers.prometheus_args, servers.prometheus_prefix)
    )
    for workload in workloads.others():
        workloads.build(cluster.store, workload)
    install(cluster.store, parameters=scenario.helm.over(settings.PARAMETERS))
    _deliver_token(cluster, argocd, scenario.argocd)
    cluster.controllers.settle()
    cluster.clock.back = timedelta()


def deploy(cluster: Cluster, scenario: Scenario) -> None:
    """Creates what Argo CD has synced long ago: ops-service's own objects, and its pods."""
    cluster.clock.back = scenario.pods.age
    application = cluster.store.get("Application", ARGOCD_NAMESPACE, overlay.APPLICATION)
    shared = cluster.store.get("ConfigMap", NAMESPACE, overlay.SHARED_CONFIG)["data"]
    for rendered in chart.render(application, shared):
        if rendered["kind"] == "Deployment":
            rendered["spec"]["replicas"] = scenario.pods.replicas
        cluster.store.create(rendered, manager="argocd-controller")
    overlay.objects(cluster.store, scenario.objects)
    cluster.controllers.settle()
    cluster.clock.back = timedelta()


def _configure(cluster: Cluster, scenario: Scenario, login: Login) -> None:
    shared = scenario.shared_config.over(settings.shared_config(login))
    objects.config_map(cluster.store, overlay.SHARED_CONFIG, shared)
    secret = scenario.shared_secret.over(settings.shared_secret(login))
    secrets.secret_store(cluster.store)
    secrets.external(cluster.store, cluster.remote, overlay.SHARED_SECRET, secret)


def _deliver_token(cluster: Cluster, argocd: ArgoCD, part: ArgoCDPart) -> None:
    store, remote = cluster.store, cluster.remote
    token = argocd.token(part.token)
    if token is not None and part.delivered == "by-hand":
        secrets.by_hand(store, part.secret, {_TOKEN_KEY: token})
    elif token is not None:
        secrets.external(store, remote, part.secret, {_TOKEN_KEY: token})
    if part.secret_owned:
        found = store.get("Secret", ARGOCD_NAMESPACE, accounts.SECRET)["data"]
        kept = {_SIGNING_KEY: base64.b64decode(found[_SIGNING_KEY]).decode()}
        home = {"namespace": ARGOCD_NAMESPACE, "target": accounts.SECRET}
        secrets.external(store, remote, _OAUTH, kept, **home)
