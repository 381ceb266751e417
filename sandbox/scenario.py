"""Scenario: one TOML file that tells how a world deviates from the healthy one.

A scenario never carries code. What it can say is general: other helm parameters, other keys of
the shared ConfigMap and Secret, another token, another database, another Prometheus, older pods.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from sandbox.errors import SandboxError

FOLDER = Path(__file__).parent / "scenarios"

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_SUFFIX = ".toml"
_AGE = re.compile(r"(\d+)([smhd])")

TokenState = Literal[
    "valid",
    "missing",
    "expired",
    "revoked",
    "unknown-id",
    "disabled",
    "no-permission",
    "garbage",
]
FaultKind = Literal["refused", "hanging", "reset", "unavailable", "html", "huge"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Keys(_Part):
    """Keys laid over those of the healthy world."""

    set: dict[str, str] = {}
    """Keys that get another value, or that are new."""

    unset: tuple[str, ...] = ()
    """Keys that are not there."""

    def over(self, healthy: dict[str, str]) -> dict[str, str]:
        """The healthy keys with this deviation applied."""
        kept = {name: value for name, value in healthy.items() if name not in self.unset}
        return kept | self.set


class ArgoCDPart(_Part):
    """Argo CD and the token that ops-service is given for it."""

    token: TokenState = "valid"
    """What stands in the Secret that the pods take their token from; `missing`: no Secret."""

    secret: str = "wealist-argocd-secret"
    """The Secret that holds the token; another name is one that the pods do not refer to."""

    delivered: Literal["by-hand", "external-secret"] = "by-hand"
    """How it came there; an ExternalSecret would put it back."""

    secret_owned: bool = True
    """Whether External Secrets owns Argo CD's own Secret, and wipes the tokens of accounts."""

    self_heal_delay_s: float = Field(default=5.0, ge=0)
    """Time after which a live edit of a managed object is reverted."""

    root_delay_s: float = Field(default=10.0, ge=0)
    """Time after which the root app reverts a live edit of an Application."""

    sync_delay_s: float = Field(default=0.3, ge=0)
    """Time that a sync takes."""


class DatabasePart(_Part):
    """The database before ops-service starts."""

    migrated: bool = True
    """Whether an earlier start has run the migration to its end."""

    snippets: tuple[str, ...] = ()
    """SQL files of `scenarios/sql/`, run in `ops_db` in this order."""

    sql: tuple[str, ...] = ()
    """Statements run in `ops_db` after the snippets."""

    tls: bool = False
    """Whether the server takes TLS connections only, as the managed database does."""

    admin_sql: tuple[str, ...] = ()
    """Statements run in database `postgres` at last, such as `DROP DATABASE ops_db`."""


class PrometheusPart(_Part):
    """How Prometheus serves, and what it holds."""

    prefix: str = "/api/monitoring/prometheus"
    """The route prefix; empty for none."""

    traffic: bool = True
    """Whether the services were asked anything in the last hour."""

    mesh: bool = True
    """Whether there are series of the mesh (istio_*) at all."""

    namespace: str = "wealist-prod"
    """The namespace label of the series."""

    stand_in: bool | None = None
    """True: never the real program; False: nothing else; by default the real one if there."""


class PodsPart(_Part):
    """The pods of ops-service."""

    age: timedelta = timedelta(days=2)
    """How long ago they started: a number and one of s, m, h, d."""

    replicas: int = Field(default=1, ge=0, le=10)

    @field_validator("age", mode="before")
    @classmethod
    def _parse_age(cls, value: object) -> object:
        found = _AGE.fullmatch(value) if isinstance(value, str) else None
        return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else value


class Policy(_Part):
    """An admission policy, in force once the pods of the world are there."""

    name: str
    pods: str = "*"
    """Shell pattern of the names of the pods it is about."""

    label: str = ""
    """`key=value` that a pod must carry; empty: every such pod is refused."""

    limits: bool = False
    """Whether every container must have cpu and memory limits."""

    message: str


class RemotePart(_Part):
    """Where the ExternalSecrets take their values from, beside those the sandbox makes up."""

    endpoint: str = ""
    """Address on loopback of what answers as AWS Secrets Manager; empty for none."""

    region: str = "ap-northeast-2"

    @field_validator("endpoint")
    @classmethod
    def _on_loopback(cls, value: str) -> str:
        if value and urlsplit(value).hostname != "127.0.0.1":
            raise ValueError("the sandbox asks nothing but 127.0.0.1")
        return value


class ObjectOverlay(_Part):
    """One object of the cluster: a merge patch over it, made when it is not there."""

    kind: str
    name: str
    namespace: str | None = None
    merge: dict[str, Any] = {}
    absent: bool = False
    """The object is not there at all."""


class Change(_Part):
    """A change made after the pods of the world have started."""

    helm: Keys = Keys()
    """Committed to Git, as `shared_config`."""

    shared_config: Keys = Keys()
    shared_secret: Keys = Keys()
    objects: tuple[ObjectOverlay, ...] = ()
    """Edited in the live cluster: Argo CD reverts what Git has otherwise."""


class Scenario(_Part):
    """One world: what it is called, what is wrong with it, and how it came about."""

    name: str
    title: str
    summary: str
    causes: tuple[str, ...] = ()
    """The causes that must be named, no more and no less, first what to mend first."""

    remedies: tuple[str, ...] = ()
    """The remedies that must mend it."""

    helm: Keys = Keys()
    """Helm parameters of the Application ops-service-prod (`config.PROMETHEUS_URL`, …)."""

    shared_config: Keys = Keys()
    """Keys of ConfigMap wealist-shared-config."""

    shared_secret: Keys = Keys()
    """Keys of Secret wealist-shared-secret."""

    argocd: ArgoCDPart = ArgoCDPart()
    database: DatabasePart = DatabasePart()
    prometheus: PrometheusPart = PrometheusPart()
    pods: PodsPart = PodsPart()
    remote: RemotePart = RemotePart()
    faults: dict[str, FaultKind] = {}
    """What is wrong on the way to a Service, by the Service's name."""

    admission: tuple[Policy, ...] = ()
    objects: tuple[ObjectOverlay, ...] = ()
    after: Change = Change()
    """What changes once the pods have started."""


def names() -> tuple[str, ...]:
    """The scenarios there are, by name."""
    return tuple(sorted(path.stem for path in FOLDER.glob(f"*{_SUFFIX}")))


@cache
def load(name: str) -> Scenario:
    """The scenario of that name, or of a TOML file by its path.

    Raises SandboxError naming the nearest one, or what is wrong.
    """
    if name.endswith(_SUFFIX):
        return _load_file(Path(name))
    known = names()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        raise SandboxError(f"there is no scenario {name!r}: {hint}")
    return parse(name, (FOLDER / f"{name}{_SUFFIX}").read_text(encoding="utf-8"))


def _load_file(path: Path) -> Scenario:
    try:
        return parse(path.stem, path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SandboxError(f"cannot read scenario {path}: {error}") from error


def parse(name: str, text: str) -> Scenario:
    """A scenario from its TOML. Raises SandboxError naming the key that is wrong."""
    try:
        return Scenario(**({"name": name} | tomllib.loads(text)))
    except tomllib.TOMLDecodeError as error:
        raise SandboxError(f"scenario {name} is no TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SandboxError(f"scenario {name}: {where}: {first['msg']}") from error
