"""Outcome: what one look gives within its time limit, or the failure in its place."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from datetime import UTC, datetime
from time import monotonic
from typing import TypeVar

from probes.model import Failure, FailureKind, Observation, ProbeError

_logger = logging.getLogger(__name__)
_logger.addHandler(logging.NullHandler())  # silent unless the program around it wants to hear

Seen = TypeVar("Seen")


async def observed(what: str, look: Awaitable[Seen], limit_s: float) -> Observation[Seen]:
    """Wait for one look, at most `limit_s` seconds. Raises nothing: `what` names it in failures."""
    started_at, started = datetime.now(UTC), monotonic()
    seen = await _outcome(what, look, limit_s)
    return Observation(seen, started_at, monotonic() - started)


async def _outcome(what: str, look: Awaitable[Seen], limit_s: float) -> Seen | Failure:
    try:
        async with asyncio.timeout(limit_s):
            return await look
    except ProbeError as error:
        return error.failure
    except TimeoutError:
        return Failure(FailureKind.TIMEOUT, f"{what}: no answer within {limit_s:g} s")
    except Exception as error:
        _logger.exception("the probe of %s broke", what)
        return not_understood(what, error)


def not_understood(what: str, error: Exception) -> Failure:
    """The failure of a look that raised what no look should."""
    sentence = f"{what}: an answer was not understood ({type(error).__name__})"
    return Failure(FailureKind.MALFORMED, sentence)
