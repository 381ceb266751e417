"""The words: everything a person reads about a check or a cause, beside its id.

The screen, `check`, the report and the docs take their sentences from here, and a translation
touches this package alone. Templates are filled with `str.format`; only ours are ever templates,
text from outside comes in as a value.
"""

from __future__ import annotations

from collections.abc import Mapping

from probes.catalogue.causes import CAUSES, CauseWords
from probes.catalogue.checks import CHECKS, CheckWords
from probes.catalogue.phrases import PHRASES, noun
from probes.catalogue.remedies import REMEDIES_OF
from probes.catalogue.whole import EDGES, SENTENCES
from probes.model.ids import CauseId, CheckId

__all__ = [
    "CAUSES",
    "CHECKS",
    "REMEDIES_OF",
    "CauseWords",
    "CheckWords",
    "advice",
    "counted",
    "edge",
    "explanation",
    "noun",
    "phrase",
    "question",
    "sentence",
    "title",
    "verdict",
]

_FREE_TEXT = ("failure", "message", "missing", "reason", "summary")
"""Values in the world's own words, of any length: a summary is one line."""

_OWN_WORDS = ("{missing}", "{failure}")
"""Values that begin a sentence and are words, no names or addresses."""

_LONGEST = 200


def question(check: CheckId) -> str:
    """What the check asks."""
    return CHECKS[check].question


def verdict(check: CheckId, key: str, values: Mapping[str, str]) -> str:
    """The check's one-line summary for the outcome `key`."""
    return CHECKS[check].verdicts[key].format_map(_shortened(_tidied(values)))


def title(cause: CauseId) -> str:
    """The cause in a few words."""
    return CAUSES[cause].title


def explanation(cause: CauseId, values: Mapping[str, str]) -> str:
    """Why it is so and what follows from it, with what was seen."""
    return _filled(CAUSES[cause].explanation, values)


def advice(cause: CauseId, values: Mapping[str, str]) -> str:
    """What a person should do about it."""
    return _filled(CAUSES[cause].advice, values)


def sentence(key: str, values: Mapping[str, str]) -> str:
    """The one sentence on top of everything."""
    return SENTENCES[key].format_map(_shortened(values))


def edge(key: str, values: Mapping[str, str]) -> str:
    """What crosses an edge of the data path."""
    return EDGES[key].format_map(values)


def phrase(key: str, **values: object) -> str:
    """A part of a sentence."""
    return PHRASES[key].format_map(values)


def counted(name: str, count: float) -> str:
    """A number and its noun: `1 request`, `5,000 requests`."""
    return f"{count:,.0f} {noun(name, round(count))}"


def _tidied(values: Mapping[str, str]) -> dict[str, str]:
    """Without the full stop that the world's words may end with: the template has its own."""
    return {name: _without_stop(value) for name, value in values.items()}


def _without_stop(value: str) -> str:
    # A leading blank is meant: a value that follows a sentence brings its own.
    return value if value.startswith(" ") else value.rstrip().removesuffix(".")


def _shortened(values: Mapping[str, str]) -> dict[str, str]:
    return {name: _cut(value) if name in _FREE_TEXT else value for name, value in values.items()}


def _cut(text: str) -> str:
    """At most `_LONGEST` characters, cut between words where there are any."""
    if len(text) <= _LONGEST:
        return text
    start = text[: _LONGEST - 1]
    return f"{start.rsplit(' ', 1)[0] if ' ' in start[40:] else start}…"


def _filled(template: str, values: Mapping[str, str]) -> str:
    """A template of whole sentences; one that begins with our own words gets a capital."""
    text = template.format_map(_tidied(values))
    return text[:1].upper() + text[1:] if template.startswith(_OWN_WORDS) else text
