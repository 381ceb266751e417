"""Choices: what there is to look at, and how each target stood when it was last looked at.

Its methods wait for the disk: call them in a thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from pathlib import Path

from probes import kubecontexts
from probes.kubecontexts import Contexts, ContextsError
from probes.profile import Profile
from probes.text import safe_text
from tui import settings
from tui.configfile import ConfigError
from tui.memory import Memory, Place, Remembered
from tui.settings import Flags
from tui.target import Request, TargetError, check_scenario


class Kind(StrEnum):
    """Where a target comes from."""

    PROFILE = "profile"
    CONTEXT = "context"
    """Of the kubeconfig; no profile names it."""

    SANDBOX = "sandbox"


class ChoiceError(Exception):
    """It cannot be looked at; the message is one sentence that says what to mend."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One target. `profile` is None for a sandbox, and where `trouble` says what is wrong."""

    kind: Kind
    name: str
    profile: Profile | None = None
    trouble: str = ""
    known: Remembered | None = None
    context: str = ""
    """The context that is used; empty where there is none."""

    told: str = ""
    """A sentence about it that does not change."""

    def is_now(self, request: Request) -> bool:
        """Whether it is what the request looks at."""
        if request.sandbox is not None:
            return self.kind is Kind.SANDBOX and self.name == request.sandbox
        kind = Kind.CONTEXT if request.by_context else Kind.PROFILE
        return self.kind is kind and self.name == request.profile.name


@dataclass(frozen=True, slots=True)
class Offer:
    """All there is. `troubles` are sentences on what could not be listed, by kind."""

    choices: tuple[Choice, ...] = ()
    troubles: dict[Kind, str] = field(default_factory=dict)


_Current = Callable[[Path | None], str]
"""The current context of a kubeconfig, empty where it has none that can be read."""


class Choices:
    """What can be chosen by who started the program with these flags."""

    def __init__(self, flags: Flags, memory: Memory, started: Request) -> None:
        """`started` is what the flags made; who began in a sandbox is offered its scenarios."""
        self._flags = flags
        self._memory = memory
        self._started = started

    def offer(self, now: Request) -> Offer:
        """Everything as it stands at this moment; `now` is what is looked at."""
        troubles: dict[Kind, str] = {}
        current = cache(_current)
        try:
            profiles = tuple(self._profiles(now, current))
            named = {one.profile.context for one in profiles if one.profile}
            contexts = tuple(self._contexts(named, current))
        except ConfigError as error:
            profiles, contexts, troubles[Kind.PROFILE] = (), (), str(error)
        except ContextsError as error:
            contexts, troubles[Kind.CONTEXT] = (), str(error)
        return Offer((*profiles, *contexts, *self._sandboxes()), troubles)

    def request(self, choice: Choice, now: Request) -> Request:
        """The request for it, from the files as they stand now. Raises ChoiceError."""
        try:
            if choice.kind is Kind.SANDBOX:
                check_scenario(choice.name)
                return replace(now, sandbox=choice.name, by_context=False)
            profile = self._profile(choice)
        except (ConfigError, TargetError) as error:
            raise ChoiceError(str(error)) from error
        is_context = choice.kind is Kind.CONTEXT
        return replace(now, profile=profile, sandbox=None, by_context=is_context)

    def _profile(self, choice: Choice) -> Profile:
        if choice.kind is Kind.CONTEXT and choice.profile:
            return settings.of_context(self._flags, choice.profile.context or "")
        return settings.load(self._flags_of(choice.name)).profile

    def _flags_of(self, name: str) -> Flags:
        """What the command line said of a target it said of the one that it named."""
        flags = self._flags
        if name == self._started.profile.name:
            return flags
        return Flags(profile=name, config=flags.config, timeout_s=flags.timeout_s)

    def _profiles(self, now: Request, current: _Current) -> Iterator[Choice]:
        names = settings.profile_names(self._flags)
        here = () if now.sandbox is not None or now.by_context else (now.profile.name,)
        for name in dict.fromkeys((*names, *here)) or (self._started.profile.name,):
            try:
                profile = settings.load(self._flags_of(name)).profile
            except ConfigError as error:
                yield Choice(Kind.PROFILE, name, trouble=str(error))
            else:
                yield self._known(Kind.PROFILE, profile, current)

    def _contexts(self, named: set[str | None], current: _Current) -> Iterator[Choice]:
        kubeconfig = settings.of_context(self._flags, "").kubeconfig
        for name in kubecontexts.read(kubeconfig).names:
            if name not in named:
                yield self._known(Kind.CONTEXT, settings.of_context(self._flags, name), current)

    def _known(self, kind: Kind, profile: Profile, current: _Current) -> Choice:
        context = profile.context or current(profile.kubeconfig)
        known = self._memory.recall(Place.of(profile, context))
        return Choice(kind, profile.name, profile, known=known, context=context)

    def _sandboxes(self) -> Iterator[Choice]:
        if self._started.sandbox is None:
            return
        from sandbox.scenario import load, names

        for name in names():
            yield Choice(Kind.SANDBOX, name, told=load(name).title)


def _current(kubeconfig: Path | None) -> str:
    try:
        found = kubecontexts.read(kubeconfig)
    except ContextsError:
        found = Contexts()
    return safe_text(found.current)
