"""Target: from a request (a profile, perhaps a sandbox) to something that can be swept."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING

from pydantic import SecretStr

from probes.profile import Profile
from probes.text import safe_text
from tui.configfile import KeySetting

if TYPE_CHECKING:
    from probes.reach import Reach
    from probes.sweep import Sweeper
    from probes.tokensource import TokenSource
    from sandbox.launch import Running

DEFAULT_SCENARIO = "incident-v11"

_EXTRA = ("starlette", "uvicorn", "websockets", "jwt", "trustme", "cramjam")
_MISSING_EXTRA = (
    "the sandbox needs the optional extra `sandbox`: install it with "
    "`pipx install 'opsportal-tui[sandbox]'`"
)


class TargetError(Exception):
    """The target could not be opened; the message is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asked to look at. `sandbox` is a scenario's name, or None for the real one."""

    profile: Profile
    sandbox: str | None = None
    by_context: bool = False
    """Whether the profile is none of the file, but only a context of the kubeconfig."""

    theme: str | None = None
    mouse: bool = True
    keys: Mapping[str, KeySetting] = field(default_factory=dict)
    """Keys of a person's own, by binding id."""

    @property
    def target(self) -> str:
        """What is looked at, as a person reads it: `profile prod`, `sandbox incident-v11`."""
        if self.sandbox is not None:
            return f"sandbox {self.sandbox}"
        return safe_text(f"{'context' if self.by_context else 'profile'} {self.profile.name}")


@dataclass(frozen=True, slots=True)
class Target:
    """An open target. `profile` is the one in force: the sandbox's, where there is one."""

    profile: Profile
    reach: Reach
    sweeper: Sweeper
    argocd_token: TokenSource
    """Whose token mints another at Argo CD: the person's, or the sandbox's administrator's."""


@asynccontextmanager
async def open_target(
    request: Request, note: Callable[[str], None] = lambda _: None
) -> AsyncIterator[Target]:
    """Start the sandbox if one is asked for, and reach the target; both end with the block.

    `note` is told what is going on, one line at a time. Raises TargetError.
    """
    # Imported here: the client libraries cost 0.2 s and more, after the first paint.
    from probes.reach import open_reach
    from probes.sweep import Sweeper
    from probes.tokensource import ARGOCD_VARIABLE, PORTAL_VARIABLE, TokenSource

    async with AsyncExitStack() as stack:
        profile = request.profile
        portal, argocd = (os.environ.get(one, "") for one in (PORTAL_VARIABLE, ARGOCD_VARIABLE))
        if request.sandbox is not None:
            note(f"starting sandbox {request.sandbox}")
            running = await stack.enter_async_context(open_sandbox(request.sandbox))
            profile = _in_sandbox(profile, running)
            portal, argocd = running.portal_token, running.argocd_token
        reach = await stack.enter_async_context(open_reach(profile))
        sweeper = Sweeper(reach, profile, TokenSource.portal(profile, SecretStr(portal)))
        yield Target(profile, reach, sweeper, TokenSource.argocd(profile, SecretStr(argocd)))


@asynccontextmanager
async def open_sandbox(scenario: str) -> AsyncIterator[Running]:
    """A sandbox for the time of the block. Raises TargetError, also where the extra is missing."""
    check_scenario(scenario)
    from sandbox.launch import SandboxError, launch

    try:
        async with launch(scenario) as running:
            yield running
    except SandboxError as error:
        raise TargetError(str(error)) from error


def check_scenario(name: str) -> None:
    """Raise TargetError where no sandbox of that name can be started, with what to do about it."""
    if any(find_spec(module) is None for module in _EXTRA):
        raise TargetError(_MISSING_EXTRA)
    from sandbox.errors import SandboxError
    from sandbox.scenario import load

    try:
        load(name)
    except SandboxError as error:
        raise TargetError(str(error)) from error


def _in_sandbox(profile: Profile, running: Running) -> Profile:
    """The profile, pointed at the sandbox: its own time limits stay."""
    return Profile(
        name=f"sandbox {running.scenario}",
        kubeconfig=running.kubeconfig,
        context=running.context,
        namespace=running.namespace,
        portal_url=running.addresses["portal"],
        allow_actions=True,
        timeout_s=profile.timeout_s,
        interval_s=profile.interval_s,
    )
