"""How fully causes are told on so many lines: the first one's remedy and key are always there."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from probes.model import Cause, CauseId
from widgets.cause_rows import Detail, ToldCause, details, told_causes
from widgets.pieces import STRONG, laid_out

WIDTH = 36
LONG = "Set the helm parameter to http://prometheus.wealist-prod.svc.cluster.local:9090/api. " * 4


def cause(place: int, **changes: object) -> Cause:
    ids = list(CauseId)
    told: dict[str, object] = {
        "id": ids[place],
        "title": f"Cause {place}",
        "explanation": f"It is so because of {place}.",
        "checks": (),
        "advice": f"Mend {place}.",
        "remedies": (f"mend-{place}", "restart-workload"),
    }
    return Cause(**(told | changes))  # type: ignore[arg-type]  # as the dataclass has them


def told(causes: Sequence[Cause]) -> tuple[ToldCause, ...]:
    return told_causes(causes, ("f", "F"), None, STRONG, "reverse")


def drawn(
    causes: Sequence[Cause], lines: int, first: int = 0, least: Detail = Detail.REMEDY
) -> list[str]:
    parts = told(causes)
    fitting = zip(parts, details(parts, first, least, WIDTH, lines), strict=True)
    rows = [row for one, detail in fitting for row in one.rows(detail)]
    return [line.rstrip() for line in laid_out(rows, WIDTH).plain.split("\n")]


def test_all_is_told_where_there_is_room_for_all() -> None:
    assert drawn([cause(0), cause(1, consequence_of=cause(0).id)], 20) == [
        "1. Cause 0",
        "   It is so because of 0.",
        "   → Mend 0.",
        "   f mend-0   F 1 more",
        "",
        " → Cause 1",
        f"   follows from {cause(0).id}",
        "",
    ]


def test_the_first_takes_what_there_is_before_the_others() -> None:
    assert drawn([cause(0), cause(1), cause(2)], 8) == [
        "1. Cause 0",
        "   It is so because of 0.",
        "   → Mend 0.",
        "   f mend-0   F 1 more",
        "",
        "2. Cause 1",
        "   f mend-1   F 1 more",
        "3. Cause 2",
    ]


@pytest.mark.parametrize("lines", range(2, 40))
@pytest.mark.parametrize("count", [1, 4, 12])
@pytest.mark.parametrize("advice", ["Mend it.", LONG])
def test_the_first_shows_its_remedy_and_key_and_no_line_is_overdrawn(
    lines: int, count: int, advice: str
) -> None:
    causes = [cause(place, advice=advice, explanation=advice) for place in range(count)]
    shown = drawn(causes, lines)
    assert any("f mend-0   F 1 more" in line for line in shown[: max(lines, 2)])
    assert len(shown) <= max(lines, count + 1)


@pytest.mark.parametrize("lines", range(5, 30))
def test_with_more_lines_nothing_is_told_less_fully(lines: int) -> None:
    parts = told([cause(place) for place in range(4)])
    fewer, more = (details(parts, 0, Detail.REMEDY, WIDTH, count) for count in (lines, lines + 1))
    assert sum(more) >= sum(fewer)


def test_the_one_at_the_cursor_comes_before_the_first() -> None:
    shown = drawn([cause(place) for place in range(3)], 7, first=1)
    assert shown[0] == "1. Cause 0"
    assert "   → Mend 1." in shown
    assert "   → Mend 0." not in shown


def test_the_one_at_the_cursor_has_its_advice_at_any_price() -> None:
    causes = [cause(place, advice=LONG) for place in range(3)]
    shown = drawn(causes, 6, first=1, least=Detail.ADVICE)
    assert any("→ Set the helm" in line for line in shown)
    assert "   f mend-1   F 1 more" in shown
    assert "   f mend-0   F 1 more" not in shown


def test_what_has_no_remedy_has_no_line_for_it() -> None:
    assert drawn([cause(0, remedies=())], 3) == ["1. Cause 0", "   → Mend 0."]


def test_a_title_is_the_least() -> None:
    parts = told([cause(place) for place in range(3)])
    assert details(parts, 0, Detail.REMEDY, WIDTH, 1) == (Detail.REMEDY, Detail.TITLE, Detail.TITLE)
