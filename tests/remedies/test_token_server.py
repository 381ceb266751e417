"""Given an address that only ops-service's environment names, my own token does not go there."""

from __future__ import annotations

from typing import Any

import pytest

from remedies.model import ArgoServer, Plan, Refusal, RefusedError
from remedies.token.server import proven, warnings
from tests.remedies.argoworld import ArgoWorld, Fault, step_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

IN_CLUSTER = "http://argocd-server.argocd.svc.cluster.local"


def unnamed(there: ArgoWorld, **changes: Any) -> ArgoWorld:
    """The profile names no address of Argo CD."""
    there.profile = there.profile.model_copy(update={"argocd_url": None} | changes)
    return there


def says_of_itself(there: ArgoWorld, url: str) -> None:
    """What Argo CD's own ConfigMap gives as its address."""
    there.store.change("ConfigMap", "argocd", "argocd-cm", lambda one: one["data"].update(url=url))


async def why_not(there: ArgoWorld, url: str, *, insecure: bool = False) -> str:
    with pytest.raises(RefusedError) as refused:
        await proven(there.world(), ArgoServer(url, insecure))
    assert refused.value.refusal is Refusal.GUARD
    return str(refused.value)


async def test_whoever_sets_the_address_gets_no_token_of_mine(there: ArgoWorld) -> None:
    """This server stands where ARGOCD_SERVER_URL points, and answers as Argo CD does."""
    unnamed(there)
    with pytest.raises(RefusedError, match="your own Argo CD token") as refused:
        await there.plan()
    assert there.argocd_server.shown == []
    told = str(refused.value)
    assert there.url in told
    assert "`argocd_url`" in told
    assert refused.value.refusal is Refusal.GUARD


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example",
        "https://argocd.wealist.co.kr.evil.example",
        # A Service of somebody else's namespace, and names that only look like a Service.
        "http://argocd-server.wealist-prod.svc.cluster.local",
        "http://argocd-server.argocd.svc.evil.example",
        "http://argocd-server",
        "http://127.0.0.1:8080",
        "not an address",
        "http://[argocd",
        "http://argocd-server.argocd.svc:port",
    ],
)
async def test_an_address_that_nothing_proves_is_refused(there: ArgoWorld, url: str) -> None:
    assert url in await why_not(unnamed(there), url)


async def test_the_environment_does_not_say_where_argo_cd_lives(there: ArgoWorld) -> None:
    elsewhere = "http://argocd-server.cd.svc.cluster.local"
    assert elsewhere in await why_not(unnamed(there), elsewhere)
    unnamed(there, argocd_namespace="cd")
    assert (await proven(there.world(), ArgoServer(elsewhere))).url == elsewhere


@pytest.mark.parametrize("url", [IN_CLUSTER, "https://argocd-server.argocd.svc:8443/argocd"])
async def test_a_service_of_argo_cds_own_namespace_is_argo_cd(there: ArgoWorld, url: str) -> None:
    """Its certificate is its own, as Argo CD makes it: the name is the cluster's."""
    server = ArgoServer(url, insecure=True)
    assert await proven(unnamed(there).world(), server) == server


async def test_a_short_name_of_it_is_told_in_full(there: ArgoWorld) -> None:
    """From here `argocd-server.argocd` may be a host of the internet's."""
    short = ArgoServer("https://argocd-server.argocd:8443/argocd", insecure=True)
    server = await proven(unnamed(there).world(), short)
    assert server == ArgoServer("https://argocd-server.argocd.svc:8443/argocd", insecure=True)
    (warning,) = warnings(there.world(), server, short)
    assert "unverified" in warning


async def test_the_address_that_argo_cd_gives_as_its_own_is_argo_cd(there: ArgoWorld) -> None:
    unnamed(there)
    url = "https://argocd.wealist.co.kr"
    says_of_itself(there, f"{url}/")
    assert await proven(there.world(), ArgoServer(url)) == ArgoServer(url)
    assert "unverified" in await why_not(there, url, insecure=True)
    assert "https://argocd.wealist.co.kr:8443" in await why_not(there, f"{url}:8443")


async def test_without_encryption_it_goes_nowhere_but_into_the_cluster(there: ArgoWorld) -> None:
    unnamed(there)
    says_of_itself(there, "http://argocd.wealist.co.kr")
    assert "unencrypted" in await why_not(there, "http://argocd.wealist.co.kr")


async def test_who_may_not_read_argo_cds_own_address_names_it_in_the_profile(
    there: ArgoWorld,
) -> None:
    there.kubernetes.faults.append(Fault("GET", "/configmaps/argocd-cm", "refuse"))
    assert "`argocd_url`" in await why_not(unnamed(there), "https://argocd.wealist.co.kr")


async def test_what_the_profile_names_is_used_and_told(there: ArgoWorld) -> None:
    """The container has another address: it is tried with the new token, and never with mine."""
    plan = await there.plan(snapshot=there.missing(url="http://argocd.elsewhere.example"))
    assert _server(plan, "mint") == there.url
    assert _server(plan, "try") == "http://argocd.elsewhere.example"
    warned = " ".join(plan.warnings)
    assert f"your own token goes to {there.url}, unencrypted" in warned
    assert "ops-service takes the new one to http://argocd.elsewhere.example" in warned


def _server(plan: Plan, step: str) -> str:
    return step_of(plan, step).action.server.url  # type: ignore[union-attr]  # both have one
