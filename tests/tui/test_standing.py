"""The state of the looking, by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tui.keeping import Sight
from tui.standing import Phase, Standing

NOW = datetime(2026, 1, 6, 3, 0, tzinfo=UTC)
LIVE = Standing(swept_at=NOW - timedelta(seconds=10), heard=True)


@pytest.mark.parametrize(
    ("standing", "phase"),
    [
        (Standing(), Phase.CONNECTING),
        (Standing(heard=True), Phase.SWEEPING),
        (LIVE, Phase.LIVE),
        (replace(LIVE, paused=True), Phase.PAUSED),
        (replace(LIVE, disconnected=True), Phase.DISCONNECTED),
        (replace(LIVE, disconnected=True, paused=True), Phase.DISCONNECTED),
        (replace(LIVE, swept_at=NOW - timedelta(seconds=61)), Phase.STALE),
        (replace(LIVE, sight=Sight.UNREACHABLE), Phase.UNREACHABLE),
        (replace(LIVE, sight=Sight.UNREACHABLE, swept_at=None), Phase.UNREACHABLE),
        (replace(LIVE, sight=Sight.UNREACHABLE, paused=True), Phase.PAUSED),
        (replace(LIVE, sight=Sight.DENIED), Phase.DENIED),
    ],
)
def test_each_state_has_its_name(standing: Standing, phase: Phase) -> None:
    assert standing.phase(NOW) is phase


OLD = replace(LIVE, swept_at=NOW - timedelta(seconds=61))


@pytest.mark.parametrize(
    ("standing", "stale"),
    [
        (Standing(), False),
        (LIVE, False),
        (replace(LIVE, paused=True), False),
        (replace(LIVE, sight=Sight.DENIED), False),
        (OLD, True),
        (replace(OLD, paused=True), True),
        (replace(OLD, sight=Sight.DENIED), True),
        (replace(LIVE, sight=Sight.UNREACHABLE), True),
        (replace(LIVE, disconnected=True), True),
        (Standing(sight=Sight.UNREACHABLE), False),
    ],
)
def test_what_may_be_true_no_more_is_stale_whatever_the_state_is_called(
    standing: Standing, stale: bool
) -> None:
    assert standing.stale(NOW) is stale


@pytest.mark.parametrize(
    ("age", "told"),
    [
        (timedelta(seconds=59), "<1 min old"),
        (timedelta(minutes=7, seconds=40), "7 min old"),
        (timedelta(hours=3), "3 h old"),
    ],
)
def test_paused_data_tell_their_age(age: timedelta, told: str) -> None:
    standing = replace(LIVE, swept_at=NOW - age, paused=True)
    assert "".join(text for text, _ in standing.told(NOW)) == f"‖ paused  {told}"


def test_live_data_tell_when_they_were_swept_so_that_no_clock_ticks() -> None:
    assert LIVE.told(NOW) == LIVE.told(NOW + timedelta(seconds=9))
