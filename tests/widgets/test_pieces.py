"""Laying text out: labels aligned, words whole where they fit, cells counted, nothing lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from widgets.pieces import Blank, Fact, Row, Words, content, cut, height, laid_out, plain, wrapped

URL = "http://prometheus.wealist-prod.svc.cluster.local:9090/api/monitoring/prometheus"


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


@given(st.text(alphabet="ab -/:배\u00e9", max_size=80), st.integers(1, 40), st.integers(1, 40))
def test_wrapping_loses_nothing_but_blanks_and_keeps_the_width(
    text: str, first: int, others: int
) -> None:
    told = [line.plain for line in wrapped(content(plain(text)), first, others)]
    assert "".join(told).replace(" ", "") == text.replace(" ", "")
    widest = (max(first, 2), *(max(others, 2) for _ in told[1:]))
    assert all(cell_len(line) <= limit for line, limit in zip(told, widest, strict=True))
