"""Target: from a request (a profile, perhaps a sandbox) to something that can be swept."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from pydantic import SecretStr

from probes.profile import Profile

if TYPE_CHECKING:
    from probes.sweep import Sweeper
    from sandbox.launch import Running

DEFAULT_SCENARIO = "incident-v11"
TOKEN_VARIABLE = "OPSPORTAL_TOKEN"

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
    theme: str | None = None
    mouse: bool = True


@dataclass(frozen=True, slots=True)
class Target:
    """An open target. `profile` is the one in force: the sandbox's, where there is one."""

    profile: Profile
    sweeper: Sweeper


@asynccontextmanager
async def open_target(
    request: Request, note: Callable[[str], None] = lambda _: None
) -> AsyncIterator[Target]:
    """Start the sandbox if one is asked for, and reach the target; both end with the block.

    `note` is told what is going on, one line at a time. Raises TargetError.
    """
    # Imported here: the client libraries cost 0.2 s and more, after the first paint.
    from probes.portal.token import TokenSource
    from probes.reach import open_reach
    from probes.sweep import Sweeper

    async with AsyncExitStack() as stack:
        profile, token = request.profile, os.environ.get(TOKEN_VARIABLE, "")
        if request.sandbox is not None:
            note(f"starting sandbox {request.sandbox}")
            running = await stack.enter_async_context(open_sandbox(request.sandbox))
            profile, token = _in_sandbox(profile, running), running.portal_token
        reach = await stack.enter_async_context(open_reach(profile))
        tokens = TokenSource(profile, SecretStr(token))
        yield Target(profile, Sweeper(reach, profile, tokens))


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
        timeout_s=profile.timeout_s,
        interval_s=profile.interval_s,
    )
