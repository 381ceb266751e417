"""Text from outside is data: nothing in it reaches the terminal or gives a secret away."""

from __future__ import annotations

import json
import unicodedata
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import SecretStr

from probes.text import HIDDEN, Redactor, safe_text

CLIPBOARD = "\x1b]52;c;cm0gLXJmIC8=\x07"


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("plain 한국어 text", "plain 한국어 text"),
        (f"a{CLIPBOARD}b", "ab"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x9b31mred", "red"),
        ("one\r\n\ttwo\x85three\u2028four", "one two three four"),
        ("user\u202egpj.exe", "usergpj.exe"),
        ("half \x1b]0;title without an end", "half ]0;title without an end"),
        ("\ud800lone", "lone"),
        ("", ""),
    ],
)
def test_what_a_terminal_would_obey_is_taken_out(given_text: str, shown: str) -> None:
    assert safe_text(given_text) == shown


def test_what_is_too_long_ends_in_an_ellipsis() -> None:
    assert safe_text("x" * 600) == "x" * 499 + "…"
    assert safe_text("abcdef", 3) == "ab…"


def test_a_million_escape_characters_take_no_time_worth_naming() -> None:
    assert safe_text("\x1b]" * 500_000, 100)


@given(st.text(st.characters(), max_size=200), st.integers(0, 100))
def test_any_text_becomes_one_printable_line(text: str, limit: int) -> None:
    shown = safe_text(text, limit)
    assert len(shown) <= max(limit, 1)
    assert not any(unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") for one in shown)
    assert "\u202e" not in shown
    shown.encode()


@given(st.text(st.characters(codec="utf-8"), min_size=4, max_size=40), st.text(max_size=30))
def test_a_secret_is_found_in_every_spelling(secret: str, around: str) -> None:
    assume(len(secret.strip()) >= 4 and len(secret.splitlines()) == 1)
    assume(not set(secret) & set(around) and not set(secret) & set(HIDDEN))
    hide = Redactor([SecretStr(secret)])
    plain = secret.strip()
    for spelling in (plain, quote(plain, safe=""), json.dumps(plain)[1:-1]):
        assert spelling not in hide(f"{around}{spelling}{around}")


def test_each_line_of_a_key_is_a_secret() -> None:
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\n-----END KEY-----"
    hide = Redactor([SecretStr(key)])
    assert hide("decoding MIIEvQIBADANBgkqhkiG9w0B failed") == f"decoding {HIDDEN} failed"


def test_words_too_short_to_be_secrets_stay() -> None:
    hide = Redactor([SecretStr("ops"), SecretStr("")])
    assert hide("ops-service") == "ops-service"


def test_a_longer_secret_wins_over_one_within_it() -> None:
    hide = Redactor([SecretStr("hunter"), SecretStr("hunter22")])
    assert hide("pw hunter22!") == f"pw {HIDDEN}!"
