"""The words: everything a person reads about a check or a cause, beside its id.

The screen, `check`, the report and the docs take their sentences from here, and a translation
touches this package alone. Templates are filled with `str.format`; only ours are ever templates,
text from outside comes in as a value.
"""

from __future__ import annotations

from collections.abc import Mapping

from probes.catalogue.causes import CAUSES, CauseWords
from probes.catalogue.checks import CHECKS, CheckWords
from probes.catalogue.whole import EDGES, SENTENCES
from probes.model.ids import CauseId, CheckId

__all__ = [
    "CAUSES",
    "CHECKS",
    "CauseWords",
    "CheckWords",
    "advice",
    "edge",
    "explanation",
    "question",
    "sentence",
    "title",
    "verdict",
]


def question(check: CheckId) -> str:
    """What the check asks."""
    return CHECKS[check].question


def verdict(check: CheckId, key: str, values: Mapping[str, str]) -> str:
    """The check's one-line summary for the outcome `key`."""
    return CHECKS[check].verdicts[key].format_map(values)


def title(cause: CauseId) -> str:
    """The cause in a few words."""
    return CAUSES[cause].title


def explanation(cause: CauseId, values: Mapping[str, str]) -> str:
    """Why it is so and what follows from it, with what was seen."""
    return CAUSES[cause].explanation.format_map(values)


def advice(cause: CauseId, values: Mapping[str, str]) -> str:
    """What a person should do about it."""
    return CAUSES[cause].advice.format_map(values)


def sentence(key: str, values: Mapping[str, str]) -> str:
    """The one sentence on top of everything."""
    return SENTENCES[key].format_map(values)


def edge(key: str, values: Mapping[str, str]) -> str:
    """What crosses an edge of the data path."""
    return EDGES[key].format_map(values)
