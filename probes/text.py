"""Text from outside, made fit to show: no controls, one line, no secrets.

A pod's log can carry an escape sequence that writes to the operator's clipboard, and an override
of the writing direction that shows a host name backwards: neither gets past `safe_text`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from pydantic import SecretStr

HIDDEN = "•••"
"""What stands in the place of a secret."""

_ELLIPSIS = "…"
_SHORTEST = 4
"""A shorter value hides more of the text than of the secret."""

_LONG_LINE = 16
"""Of a secret with several lines (a PEM key), each line this long is a secret of its own."""

# ECMA-48: CSI sequences, then OSC, DCS, SOS, PM and APC strings with their end; 7 and 8 bit forms.
# Each part excludes what may follow it, so that a hostile text costs linear time.
_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x9c|\x1b\\)"
)
_BLANKS = re.compile("[\\s\x85\u2028\u2029]+")
# C0, DEL, C1, direction marks, embeddings, overrides and isolates, byte order mark, tags,
# and lone surrogates, which no terminal's encoding can write.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)


def safe_text(text: str, limit: int = 500) -> str:
    """The text as one line of at most `limit` characters, with nothing in it a terminal obeys.

    Escape sequences, other controls and direction overrides are taken out; runs of blanks with a
    line break or a tab in them become one space; what is too long ends in an ellipsis.
    """
    # Four times the limit: what is cut away cannot bring back what a sequence swallows.
    if not text.isprintable():
        text = _SEQUENCE.sub("", text[: 4 * limit + 1_000])
        text = _UNSAFE.sub("", _BLANKS.sub(_one_blank, text)).strip()
    return text if len(text) <= limit else text[: max(0, limit - 1)] + _ELLIPSIS


def safe_lines(text: str, limit: int) -> str:
    """The text with its line breaks, each of its lines made safe, `limit` characters in all.

    Indentation goes with the other controls. For a stack trace, which nobody can read on one line.
    """
    whole = "\n".join(safe_text(line, limit) for line in text[: 4 * limit].split("\n"))
    return whole if len(whole) <= limit else whole[: max(0, limit - 1)] + _ELLIPSIS


def _one_blank(found: re.Match[str]) -> str:
    """Spaces alone stay as they are: they may be a table's."""
    blanks = found.group()
    return blanks if blanks == " " * len(blanks) else " "


class Redactor:
    """Takes known secrets out of texts, also where they are quoted as in a URL or in JSON.

    Use it before a text is shortened: a part of a secret would not be recognised.
    """

    def __init__(self, secrets: Iterable[SecretStr] = ()) -> None:
        values = {one for secret in secrets for one in _spellings(secret.get_secret_value())}
        ordered = sorted(values, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def __call__(self, text: str) -> str:
        """The text with every secret in it hidden."""
        return self._pattern.sub(HIDDEN, text) if self._pattern else text


def _spellings(value: str) -> Iterator[str]:
    lines = [value, *(line for line in value.splitlines() if len(line.strip()) >= _LONG_LINE)]
    for line in lines:
        plain = line.strip()
        if len(plain) < _SHORTEST:
            continue
        yield plain
        yield quote(plain, safe="")
        yield json.dumps(plain)[1:-1]
        yield json.dumps(plain, ensure_ascii=False)[1:-1]
