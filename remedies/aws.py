"""AWS Secrets Manager through boto3, an optional extra: asked in a thread, each call once.

A thread cannot be stopped: whoever gives up a write waits until it has ended, and one that is not
on the wire yet is not sent any more. So a look afterwards tells what became of it.

Region, credentials and endpoint come from where boto3 takes them: `AWS_REGION`, `AWS_PROFILE`,
`AWS_ENDPOINT_URL` and the like. Source of the calls: AWS Secrets Manager API Reference.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from probes.model import Failure, FailureKind, ProbeError
from probes.reach.guard import require_permit
from probes.text import safe_text
from remedies.model import Refusal, RefusedError

CURRENT = "AWSCURRENT"
RECOVERY_DAYS = 7
"""How long a deleted secret can be had back, at least."""

CONNECT_S = 3
READ_S = 8
"""Time limits of each call."""

STEP_S = 35.0
"""Time limit of a step: it looks, reads and writes, each of them to its end."""

_SETTLING_S = 2.0 + CONNECT_S + READ_S
"""How long a write that was given up is waited for."""

_READS = ("GetSecretValue", "DescribeSecret")
_MISSING = "AWS Secrets Manager needs the optional extra `aws`: `pipx install 'opsportal-tui[aws]'`"
_KINDS = {
    "ResourceNotFoundException": FailureKind.NOT_FOUND,
    "AccessDeniedException": FailureKind.FORBIDDEN,
    "ExpiredTokenException": FailureKind.UNAUTHORIZED,
    "UnrecognizedClientException": FailureKind.UNAUTHORIZED,
    "InvalidSignatureException": FailureKind.UNAUTHORIZED,
}
_NOT_SET = {
    "NoRegionError": "no AWS region is set: set AWS_REGION",
    "NoCredentialsError": "there are no AWS credentials: set AWS_PROFILE, or log in",
}


@dataclass(frozen=True, slots=True)
class AwsSecret:
    """A secret's current version, and whether the secret waits to be deleted."""

    version: str
    deleted: bool = False


class SecretsManager:
    """The calls that are needed. Each raises ProbeError; a write without the permit goes nowhere.

    Raises RefusedError where boto3 is not installed.
    """

    def __init__(self) -> None:
        if find_spec("boto3") is None:
            raise RefusedError(Refusal.GUARD, _MISSING)
        self._client: Any = None
        self._given_up = threading.Event()

    async def find(self, name: str) -> AwsSecret | None:
        """The secret without its value, or None where there is none."""
        try:
            told = await self._call("DescribeSecret", SecretId=name)
        except ProbeError as error:
            if error.failure.kind is FailureKind.NOT_FOUND:
                return None
            raise
        stages: Mapping[str, list[str]] = told.get("VersionIdsToStages") or {}
        version = next((one for one, named in stages.items() if CURRENT in named), "")
        return AwsSecret(version, deleted="DeletedDate" in told)

    async def value(self, name: str, version: str) -> str:
        """The text of one version."""
        told = await self._call("GetSecretValue", SecretId=name, VersionId=version)
        return str(told.get("SecretString") or "")

    async def create(self, name: str, value: str, version: str) -> None:
        """A new secret; `version` becomes the id of its first version."""
        told = "Read by External Secrets; made by opsportal-tui"
        await self._call(
            "CreateSecret",
            Name=name,
            SecretString=value,
            ClientRequestToken=version,
            Description=told,
        )

    async def put(self, name: str, value: str, version: str) -> None:
        """A new current version of that id."""
        await self._call(
            "PutSecretValue", SecretId=name, SecretString=value, ClientRequestToken=version
        )

    async def make_current(self, name: str, version: str, instead_of: str) -> None:
        """Moves the label AWSCURRENT from one version to another."""
        await self._call(
            "UpdateSecretVersionStage",
            SecretId=name,
            VersionStage=CURRENT,
            MoveToVersionId=version,
            RemoveFromVersionId=instead_of,
        )

    async def delete(self, name: str) -> None:
        """Deletes the secret; `aws secretsmanager restore-secret` has it back for some days."""
        await self._call("DeleteSecret", SecretId=name, RecoveryWindowInDays=RECOVERY_DAYS)

    async def _call(self, operation: str, **arguments: Any) -> Mapping[str, Any]:
        asking = asyncio.create_task(asyncio.to_thread(self._called, operation, arguments))
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            self._given_up.set()
            if operation not in _READS:
                await asyncio.wait((asking,), timeout=_SETTLING_S)
            raise

    def _called(self, operation: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._client = self._client or self._connected()
            found: Mapping[str, Any] = _method(self._client, operation)(**arguments)
        except ClientError as error:
            raise ProbeError(_refused(operation, error.response)) from None
        except BotoCoreError as error:
            raise ProbeError(_broken(operation, error)) from None
        return found

    def _connected(self) -> Any:
        # Imported here: 0.1 s, and only who stores in AWS has it.
        import boto3
        from botocore.config import Config

        # At DEBUG it logs whole requests, and the secret stands in them.
        logging.getLogger("botocore").setLevel(logging.INFO)
        limits = {"connect_timeout": CONNECT_S, "read_timeout": READ_S}
        once = Config(retries={"total_max_attempts": 1}, **limits)
        client = boto3.session.Session().client("secretsmanager", config=once)
        client.meta.events.register("before-call.secrets-manager", _guard)
        client.meta.events.register("before-send.secrets-manager", self._still_wanted)
        return client

    def _still_wanted(self, **_: object) -> None:
        """Asked when the request is signed: to get credentials may have taken a login's time."""
        if self._given_up.is_set():
            raise ProbeError(Failure(FailureKind.TIMEOUT, "AWS was not asked: it was given up"))


def _guard(model: Any, **_: object) -> None:
    if model.name not in _READS:
        require_permit(f"secretsmanager:{model.name}")


def _method(client: Any, operation: str) -> Callable[..., Mapping[str, Any]]:
    names = {wanted: name for name, wanted in client.meta.method_to_api_mapping.items()}
    found: Callable[..., Mapping[str, Any]] = getattr(client, names[operation])
    return found


def _refused(operation: str, response: Mapping[str, Any]) -> Failure:
    error = response.get("Error") or {}
    code = safe_text(str(error.get("Code") or ""), 80)
    told = safe_text(str(error.get("Message") or ""), 300)
    asked = f"secretsmanager:{operation}"
    kind = _KINDS.get(code, FailureKind.UNAVAILABLE)
    words = "AWS does not permit" if kind is FailureKind.FORBIDDEN else "AWS refuses"
    return Failure(kind, f"{words} {asked}: {told or code}", asked=asked, code=code)


def _broken(operation: str, error: Exception) -> Failure:
    name = type(error).__name__
    sentence = _NOT_SET.get(name) or f"AWS could not be asked: {safe_text(str(error), 300)}"
    kind = FailureKind.TIMEOUT if "Timeout" in name else FailureKind.UNAVAILABLE
    return Failure(kind, sentence, asked=f"secretsmanager:{operation}")
