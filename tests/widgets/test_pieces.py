"""Laying text out: labels aligned, words whole where they fit, cells counted, nothing lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from widgets.cells import steady
from widgets.pieces import (
    Blank,
    Fact,
    Fitted,
    Row,
    Words,
    content,
    cut,
    height,
    laid_out,
    padded,
    plain,
    widest,
    wrapped,
)

URL = "http://prometheus.wealist-prod.svc.cluster.local:9090/api/monitoring/prometheus"

FAMILY = "👨\u200d👩\u200d👧"
WARNING = "⚠\ufe0f"
WAVE = "👋\U0001f3fd"

texts = st.text(
    "ab -/:.,é배포실패데이터连接失败，。「」データベースー（）ｶﾞ👨👩👧⚠❤👋🇰🇷"
    "\u200d\ufe0f\U0001f3fd\u0301\u1112\u1161\u11ab\u3099",
    max_size=60,
)


def lines(*rows: Row, width: int) -> list[str]:
    return laid_out(rows, width).plain.split("\n")


def test_labels_are_aligned_and_values_wrap_under_their_own_column() -> None:
    told = lines(Fact("a", plain("one two three")), Fact("long", plain("x")), width=16)
    assert told == ["a     one two", "      three", "long  x"]


def test_a_label_too_long_for_the_width_stands_above_its_value() -> None:
    told = lines(Fact("address, as the driver reads it", plain("db")), width=40)
    assert told == ["address, as the driver reads it", "  db"]


def test_running_text_hangs_under_its_indent() -> None:
    assert lines(Words(plain("1. one two three"), 3), width=9) == ["1. one", "   two", "   three"]


def test_an_address_breaks_behind_its_separators() -> None:
    told = [str(line) for line in wrapped(content(plain(URL)), 30, 30)]
    assert told == [
        "http://prometheus.wealist-",
        "prod.svc.cluster.local:9090/",
        "api/monitoring/prometheus",
    ]


def test_wide_characters_count_as_two_cells() -> None:
    told = lines(Words(plain("배포 실패: 리소스 제한이 없습니다")), width=12)
    assert all(cell_len(line) <= 12 for line in told)
    assert "".join(told).replace(" ", "") == "배포실패:리소스제한이없습니다"


def test_the_height_is_that_of_what_is_drawn() -> None:
    rows = (Words(plain(URL)), Blank(), Fact("a", plain("b c d")))
    assert height(rows, 20) == len(lines(*rows, width=20))


def test_markup_is_text() -> None:
    assert lines(Words(plain("[red]x[/] [/]")), width=40) == ["[red]x[/] [/]"]


def test_a_line_too_long_is_cut_with_an_ellipsis() -> None:
    assert cut(plain("abcdef"), 4).plain == "abc…"


def test_chinese_and_japanese_break_between_their_signs() -> None:
    told = lines(Words(plain("error 数据库连接失败，请检查「网络」设置")), width=14)
    assert told == ["error 数据库连", "接失败，请检查", "「网络」设置"]
    assert lines(Words(plain("タイムアウトしました。")), width=20) == ["タイムアウトしまし", "た。"]


def test_korean_words_stay_whole() -> None:
    assert lines(Words(plain("데이터베이스 연결 실패")), width=16) == ["데이터베이스", "연결 실패"]


@pytest.mark.parametrize(
    ("text", "drawn", "cells"),
    [
        (FAMILY, "👨👩👧", 6),
        (WARNING, "⚠", 1),
        (WAVE, "👋", 2),
        ("1\ufe0f\u20e3", "1\u20e3", 1),
        ("e\u0301", "é", 1),
        ("\u1112\u1161\u11ab", "한", 2),
        ("🇰🇷", "🇰🇷", 2),
        ("ｶﾞ", "ｶﾞ", 2),
    ],
)
def test_what_terminals_draw_differently_is_drawn_as_its_parts(
    text: str, drawn: str, cells: int
) -> None:
    assert content(plain(text)).plain == drawn
    assert widest([text]) == cells
    assert padded(text, 8) == drawn + " " * (8 - cells)


@given(texts)
def test_a_text_takes_what_its_characters_take_one_by_one(text: str) -> None:
    """So does a terminal count that knows nothing of sequences, tmux among them."""
    drawn = steady(text)
    assert cell_len(drawn) == sum(map(cell_len, drawn))
    assert steady(drawn) == drawn


@given(texts, st.integers(0, 40))
def test_padded_to_the_cells_but_never_cut(text: str, cells: int) -> None:
    assert cell_len(padded(text, cells)) == max(cells, widest([text]))


@given(texts, st.integers(0, 40))
def test_cut_never_takes_more_than_the_width(text: str, width: int) -> None:
    shown = cut(plain(text), width)
    assert shown.cell_length <= width
    assert cell_len(shown.plain) == shown.cell_length
    if widest([text]) <= width:
        assert shown.plain == steady(text)


def words_of(texts: list[str]) -> str:
    """Everything but blanks."""
    return "".join("".join(texts).split())


@given(texts, st.integers(2, 40), st.integers(2, 40))
def test_wrapping_loses_nothing_but_blanks_and_keeps_the_width(
    text: str, first: int, others: int
) -> None:
    told = [line.plain for line in wrapped(content(plain(text)), first, others)]
    assert words_of(told) == words_of([steady(text)])
    widths = (first, *(others for _ in told[1:]))
    assert all(cell_len(line) <= limit for line, limit in zip(told, widths, strict=True))


@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=4), texts, st.integers(12, 60))
def test_rows_keep_the_width_and_lose_nothing(
    facts: list[tuple[str, str]], text: str, width: int
) -> None:
    rows: list[Row] = [Fact(label, plain(value)) for label, value in facts]
    told = lines(*rows, Words(plain(text), 4), width=width)
    assert all(cell_len(line) <= width for line in told)
    everything = [part for fact in facts for part in fact] + [text]
    assert words_of(told) == words_of([steady(part) for part in everything])


@given(st.lists(texts.filter(str.strip), min_size=2, max_size=5))
def test_the_values_stand_in_one_column(labels: list[str]) -> None:
    told = lines(*(Fact(label, plain("|")) for label in labels), width=400)
    columns = {cell_len(line[: line.rindex("|")]) for line in told}
    assert columns == {widest(labels) + 2}


def test_of_several_forms_the_first_that_fits_is_drawn() -> None:
    row = Fitted((plain("in full words"), plain("in words"), plain("words, cut")))
    assert [lines(row, width=width) for width in (13, 12, 5)] == [
        ["in full words"],
        ["in words"],
        ["word…"],
    ]
