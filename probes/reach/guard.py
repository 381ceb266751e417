"""The guard: a request that would change something goes nowhere without the permit.

Every HTTP client of the program has it as a hook, so that there is no way round it.
"""

from __future__ import annotations

import httpx

from probes.reach import permit

_READS = ("GET", "HEAD", "OPTIONS")
_REVIEWS = "/apis/authorization.k8s.io/"
"""Posted, and yet only questions: what may I do (SelfSubjectAccessReview)."""

_DRY_RUN = ("dryRun", "All")


class WriteRefusedError(Exception):
    """Something tried to write without the permit: a defect of the program, not of the world."""


async def refuse_writes(request: httpx.Request) -> None:
    """A hook of httpx (`event_hooks`). Raises WriteRefusedError before anything is sent."""
    if not _reads(request):
        require_permit(f"{request.method} {request.url.path}")


def require_permit(what: str) -> None:
    """Raises WriteRefusedError where the present task may not write; `what` names the write."""
    if not permit.use():
        raise WriteRefusedError(f"refused: {what} writes, and only the executor may")


def _reads(request: httpx.Request) -> bool:
    """A server-side dry run changes nothing (Kubernetes API conventions, `dryRun=All`)."""
    if request.method in _READS or _DRY_RUN in request.url.params.multi_items():
        return True
    return request.method == "POST" and request.url.path.startswith(_REVIEWS)
