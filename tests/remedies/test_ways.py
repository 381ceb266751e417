"""Whoever chooses by keys is offered how a remedy is done; the first is as without any option."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from probes.profile import Profile
from remedies.model import RemedyId
from remedies.options import OPTIONS
from remedies.ways import Way, ways_of

FILE = Path("/tmp/fix.yaml")


def options(remedy: RemedyId, **profile: Any) -> list[dict[str, str]]:
    return [dict(one.options) for one in ways_of(remedy, Profile(**profile), FILE)]


def test_a_commit_is_offered_only_where_the_profile_says_to_which_clone() -> None:
    save = {"save": "/tmp/fix.yaml"}
    assert options(RemedyId.SET_LOKI_URL) == [{}, save]
    assert options(RemedyId.SET_LOKI_URL, git_clone=Path("~/w")) == [{}, {"clone": "~/w"}, save]


def test_the_lifetimes_of_a_token_begin_with_the_one_that_is_the_default() -> None:
    found = [one["lifetime"] for one in options(RemedyId.DELIVER_ARGOCD_TOKEN)]
    assert found == ["7d", "24h", "30d", "90d", "unlimited"]


def test_every_remedy_has_a_way_and_takes_what_it_says() -> None:
    for remedy in RemedyId:
        for way in ways_of(remedy, Profile(git_clone=Path("~/w")), FILE):
            assert set(way.options) <= set(OPTIONS[remedy])
    assert ways_of(RemedyId.RESTART_WORKLOAD, Profile(), FILE) == (Way(),)
