"""Provider data: what an ExternalSecret's `data` and `dataFrom[].extract` refer to.

Source: External Secrets Operator v1.2 `externalsecret_controller_secret.go` and, for the words of
what fails, its provider for AWS Secrets Manager.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Awaitable, Mapping
from typing import Any, TypeVar

from sandbox.kubernetes.store import Obj, Store
from sandbox.remotekeys import RemoteError, RemoteKeys

_T = TypeVar("_T")
_Ref = Mapping[str, Any]


async def provider_data(store: Store, remote: RemoteKeys, external: Obj) -> dict[str, str]:
    """The values by their key in the Secret. Raises RemoteError in the operator's words."""
    spec = external["spec"]
    _require_store(store, spec.get("secretStoreRef") or {}, external["metadata"]["namespace"])
    found: dict[str, str] = {}
    for index, entry in enumerate(spec.get("dataFrom") or ()):
        ref = entry.get("extract") or {}
        found |= await _told(f"dataFrom[{index}]", ref, _properties(remote, ref))
    for index, entry in enumerate(spec.get("data") or ()):
        ref = entry["remoteRef"]
        found[entry["secretKey"]] = await _told(f"data[{index}]", ref, _value(remote, ref))
    return found


def _require_store(store: Store, ref: _Ref, namespace: str) -> None:
    kind, name = ref.get("kind", "SecretStore"), ref.get("name", "")
    home = None if kind == "ClusterSecretStore" else namespace
    if store.find(kind, home, name) is None:
        resource = f"{kind.lower()}s.external-secrets.io"
        raise RemoteError(f'could not get {kind} "{name}", {resource} "{name}" not found')


async def _told(where: str, ref: _Ref, getting: Awaitable[_T]) -> _T:
    try:
        return await getting
    except RemoteError as error:
        key = ref.get("key", "")
        raise RemoteError(f"error processing spec.{where} (key: {key}), err: {error}") from None


async def _value(remote: RemoteKeys, ref: _Ref) -> str:
    value, name = await remote.get(ref["key"]), ref.get("property")
    if name:
        properties = _object(value, ref["key"])
        if name not in properties:
            raise RemoteError(f"key {name} does not exist in secret {ref['key']}")
        value = properties[name]
    return _decoded(value, ref.get("decodingStrategy", "None"))


async def _properties(remote: RemoteKeys, ref: _Ref) -> dict[str, str]:
    return _object(await remote.get(ref["key"]), ref["key"])


def _object(value: str, key: str) -> dict[str, str]:
    try:
        found = json.loads(value)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise RemoteError(f"unable to unmarshal secret {key}")
    return {name: one if isinstance(one, str) else json.dumps(one) for name, one in found.items()}


def _decoded(value: str, strategy: str) -> str:
    if strategy == "None":
        return value
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError):
        if strategy == "Auto":
            return value
        raise RemoteError("unable to decode the value") from None
