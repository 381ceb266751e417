"""Cells: text that takes as many of them on the terminal as it is measured to take.

Terminals disagree about joined emoji: one picture of two cells, or its parts side by side; a
sign with a variation selector is two cells wide to Textual and one to tmux. Where the two
differ every column behind is crooked, so what is drawn is the parts, whose width is agreed upon.
Ambiguous signs (East Asian Width A, such as … and ×) are taken as narrow, as tmux takes them.
"""

from __future__ import annotations

import re
import unicodedata

# Variation selectors, the joiner, skin tones (Fitzpatrick), and the Hangul fillers and tone marks
# that terminals give cells and rich gives none.
_UNSTEADY = re.compile(
    "[\ufe00-\ufe0f\U000e0100-\U000e01ef\u200d\U0001f3fb-\U0001f3ff\u3164\uffa0\u302e\u302f]"
)


def steady(text: str) -> str:
    """The text in its composed form (NFC), without what terminals give different widths."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _UNSTEADY.sub("", text))
