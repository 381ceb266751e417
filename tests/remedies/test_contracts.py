"""What is sent is what the real systems take: tiny facts of their published schemas.

Source: Argo CD's `assets/swagger.json` and External Secrets' CRD `externalsecrets`, versions v1 and
v1beta1.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from remedies.externalsecret.reading import Externals
from remedies.externalsecret.steps import Wanted, create_steps
from remedies.model import CreateObject, OutcomeKind
from tests.remedies.argoworld import KEY, NAMESPACE, SECRET, ArgoWorld
from tests.remedies.test_token import undo

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROUTES = (
    "GET /api/v1/account/can-i/{resource}/{action}/{subresource}",
    "GET /api/v1/account/{name}",
    "POST /api/v1/account/{name}/token",
    "DELETE /api/v1/account/{name}/token/{id}",
    "GET /api/v1/applications",
    "GET /api/v1/projects",
    "GET /api/v1/projects/{name}",
    "POST /api/v1/projects/{project}/roles/{role}/token",
    "DELETE /api/v1/projects/{project}/roles/{role}/token/{iat}",
    "GET /api/v1/session/userinfo",
)
TOKEN = {"id": str, "expiresIn": int}
"""Of projectProjectTokenCreateRequest and accountCreateTokenRequest, beside what the path tells."""

SPEC = {"data", "dataFrom", "refreshInterval", "refreshPolicy", "secretStoreRef", "target"}
TARGET = {"creationPolicy", "deletionPolicy", "immutable", "name", "template"}
REMOTE: dict[str, set[str] | None] = {
    "conversionStrategy": {"Default", "Unicode"},
    "decodingStrategy": {"Auto", "Base64", "Base64URL", "None"},
    "metadataPolicy": {"None", "Fetch"},
    "key": None,
    "property": None,
    "version": None,
}


def is_known(request: str) -> bool:
    patterns = (re.sub(r"\{\w+\}", "[^/]+", route) for route in ROUTES)
    return any(re.fullmatch(pattern, request) for pattern in patterns)


@pytest.mark.parametrize("account", ["", "portal"])
async def test_argo_cd_knows_every_route_and_field(there: ArgoWorld, account: str) -> None:
    there.argocd.mint("portal")
    server = there.argocd_server
    assert (await there.apply(await there.plan(account=account))).kind is OutcomeKind.VERIFIED
    assert (await there.apply(undo(there))).kind is OutcomeKind.VERIFIED
    assert {one for one in server.requests if not is_known(one)} == set()
    assert {one.split()[0] for one in server.writes} == {"POST", "DELETE"}
    (body,) = map(json.loads, filter(None, server.bodies))
    assert {name: type(value) for name, value in body.items()} == TOKEN


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
async def test_external_secrets_takes_the_object(there: ArgoWorld, version: str) -> None:
    found = Externals(f"apis/external-secrets.io/{version}")
    store = "ClusterSecretStore/aws"
    wanted = Wanted(NAMESPACE, SECRET, KEY, "wealist/prod/x", "token", "plan", store=store)
    create, _ = await create_steps(there.world(), found, wanted)
    action = create.action
    assert isinstance(action, CreateObject)
    spec: dict[str, Any] = action.body["spec"]
    assert action.body["apiVersion"] == f"external-secrets.io/{version}"
    assert spec.keys() <= SPEC
    assert spec["target"].keys() <= TARGET
    assert spec["target"]["name"] == SECRET
    assert spec["secretStoreRef"].keys() == {"kind", "name"}
    (entry,) = spec["data"]
    assert entry.keys() == {"secretKey", "remoteRef"}
    for name, value in entry["remoteRef"].items():
        allowed = REMOTE[name]
        assert allowed is None or value in allowed
