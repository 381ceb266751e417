"""The questions to one Prometheus: which prefixes answer, and what it says under the right one."""

from __future__ import annotations

import asyncio

from probes.budget import Budget
from probes.model import (
    Answer,
    Failure,
    FailureKind,
    PodSeen,
    PrefixCandidate,
    QuerySeen,
    Reply,
)
from probes.model.prometheus import base_url
from probes.prometheus import prefix as hints
from probes.prometheus.about import NOTHING, About, about
from probes.prometheus.query import answered, query
from probes.reach import Reach

_PROBING = "count(up)"
"""A query with a small answer wherever Prometheus runs: it always scrapes something."""

FIRST_PART = 0.7
"""The part of the time limit that a first answer may take: what hangs, hangs there."""

_NO_SERVER = frozenset(
    {
        FailureKind.REFUSED,
        FailureKind.DNS,
        FailureKind.TIMEOUT,
        FailureKind.HUNG,
        FailureKind.RESET,
        FailureKind.TLS,
        FailureKind.FORBIDDEN,
        FailureKind.UNAVAILABLE,
    }
)
"""Failures of the way there: another path on the same server fares no better."""


class Look:
    """The questions to one Prometheus. No prefix is asked twice, and a dead server only once."""

    def __init__(self, reach: Reach, budget: Budget, origin: str) -> None:
        self.reach = reach
        self.budget = budget
        self.root: Answer | None = None
        self._origin = origin
        self._found_in: dict[str, list[str]] = {}
        self._bases: dict[str, str] = {}
        self._tried: dict[str, tuple[Answer, QuerySeen]] = {}

    def hint(self, prefix: str, found_in: str, base: str | None = None) -> None:
        """Note a prefix that something hints at; `base` is the URL to query it by verbatim."""
        found = self._found_in.setdefault(prefix, [])
        if found_in not in found:
            found.append(found_in)
        self._bases.setdefault(prefix, base or base_url(self._origin, prefix))

    def heed(self, pods: tuple[PodSeen, ...] | Failure) -> None:
        """Note the prefixes that the pods' arguments and probe paths tell."""
        for pod in () if isinstance(pods, Failure) else pods:
            for container in pod.containers:
                if told := hints.from_args(container.args):
                    self.hint(*told)
                for path in container.probe_paths:
                    prefix = hints.from_probe_path(path)
                    if prefix is not None:
                        self.hint(prefix, "probe path of its pod")

    async def begin(self) -> Answer | None:
        """Ask the root and every prefix hinted at so far, then the one the root redirects to.

        Returns the answer to ops-service's own kind of request, where it has a URL.
        """
        own = next((prefix for prefix, found in self._found_in.items() if _is_own(found)), None)
        await asyncio.gather(self._ask_root(), self.try_hints())
        await self.try_hints()
        return self._tried[own][1].answer if own is not None else None

    async def _ask_root(self) -> None:
        url = f"{self._origin}/"
        self.root = await answered(self.reach.get(url, timeout_s=self.budget.share(FIRST_PART)))
        if isinstance(self.root, Reply) and 300 <= self.root.status < 400:
            prefix = hints.from_redirect(self.root.location)
            if prefix is not None:
                self.hint(prefix, "GET / redirects there")

    async def try_hints(self) -> None:
        """Try, all at once, the prefixes that were not tried yet."""
        new = [prefix for prefix in self._found_in if prefix not in self._tried]
        answers = await asyncio.gather(*(self._try(prefix) for prefix in new))
        self._tried |= dict(zip(new, answers, strict=True))

    async def _try(self, prefix: str) -> tuple[Answer, QuerySeen]:
        if dead := self._dead():
            return dead, QuerySeen(_PROBING, dead)
        share = self.budget.share(FIRST_PART)
        ready = self.reach.get(f"{base_url(self._origin, prefix)}/-/ready", timeout_s=share)
        asked = query(self.reach, self._bases[prefix], _PROBING, share)
        return await asyncio.gather(answered(ready), asked)

    def _dead(self) -> Failure | None:
        """Why asking this server for more is of no use, or None."""
        answers = [self.root, *(seen.answer for _, seen in self._tried.values())]
        gone = [one for one in answers if isinstance(one, Failure) and one.kind in _NO_SERVER]
        return gone[0] if len(gone) == len(answers) else None

    @property
    def candidates(self) -> tuple[PrefixCandidate, ...]:
        """What was tried, in the order it was hinted at; no prefix comes last unless it is own."""
        ordered = sorted(
            self._tried, key=lambda prefix: not prefix and not _is_own(self._found_in[prefix])
        )
        return tuple(
            PrefixCandidate(
                prefix,
                tuple(self._found_in[prefix]),
                self._tried[prefix][0],
                self._tried[prefix][1].answer,
            )
            for prefix in ordered
        )

    @property
    def serving(self) -> PrefixCandidate | None:
        """The first prefix under which the query API answers."""
        return next((one for one in self.candidates if one.serves), None)

    @property
    def ready(self) -> Answer | None:
        """The readiness under the prefix that serves, else where it answers at all."""
        if self.serving:
            return self.serving.ready
        answers = [one.ready for one in self.candidates]
        known = (one for one in answers if isinstance(one, Reply) and one.status in (200, 503))
        failed = (one for one in answers if isinstance(one, Failure))
        return next(known, None) or next(failed, None)

    async def describe(self, namespace: str) -> About:
        """What it says under the serving prefix, of that namespace; nothing where none serves."""
        serving = self.serving
        if serving is None:
            return NOTHING
        base = base_url(self._origin, serving.prefix)
        return await about(self.reach, base, namespace, self.budget)


def _is_own(found_in: list[str]) -> bool:
    return "path of PROMETHEUS_URL" in found_in
