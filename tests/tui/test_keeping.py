"""What stays on screen when a sweep could not see anything: it or what was seen before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from probes.model import Failure, FailureKind, Snapshot
from tests.checks import worlds
from tests.tui.dashboards import NOW, begun, denied, healthy, incident, read, unseen
from tui.keeping import Sight, kept, sight

LATER = NOW + timedelta(seconds=18)


def later(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, finished_at=LATER)


def _failing_by(kind: FailureKind) -> Snapshot:
    return worlds.world(workload=worlds.failure(kind))


@pytest.mark.parametrize(
    ("kind", "is_seen"),
    [
        (FailureKind.REFUSED, Sight.UNREACHABLE),
        (FailureKind.TIMEOUT, Sight.UNREACHABLE),
        (FailureKind.DNS, Sight.UNREACHABLE),
        (FailureKind.TLS, Sight.UNREACHABLE),
        (FailureKind.UNAUTHORIZED, Sight.UNREACHABLE),
        (FailureKind.MALFORMED, Sight.UNREACHABLE),
        (FailureKind.UNAVAILABLE, Sight.UNREACHABLE),
        (FailureKind.FORBIDDEN, Sight.DENIED),
        (FailureKind.NOT_FOUND, Sight.CLEAR),
    ],
)
def test_only_the_clusters_own_no_is_an_answer(kind: FailureKind, is_seen: Sight) -> None:
    assert sight(_failing_by(kind)) is is_seen


def test_what_was_seen_stays_and_the_sentence_is_about_now() -> None:
    before, new = read(incident()), read(later(unseen()))
    shown = kept(before, new)
    assert (shown.snapshot, shown.diagnosis) == (before.snapshot, before.diagnosis)
    assert shown.now.sentence.endswith(
        "https://10.0.0.1:6443 refuses the connection. What stands below was seen before."
    )
    assert shown.lost


def test_it_stays_for_as_long_as_nothing_can_be_seen() -> None:
    before = read(incident())
    shown = kept(kept(before, read(unseen())), read(later(unseen())))
    assert shown.snapshot is before.snapshot
    assert shown.now.sentence.count("seen before") == 1


def test_the_first_that_is_seen_again_takes_its_place() -> None:
    new = read(later(healthy()))
    assert kept(kept(read(incident()), read(unseen())), new) is new


@pytest.mark.parametrize("before", [unseen(), begun(), denied()])
def test_where_nothing_was_seen_before_there_is_nothing_to_keep(before: Snapshot) -> None:
    new = read(later(unseen()))
    assert kept(read(before), new) is new


@pytest.mark.parametrize("new", [denied(), _failing_by(FailureKind.NOT_FOUND)])
def test_what_the_cluster_refuses_or_does_not_have_is_the_truth_of_now(new: Snapshot) -> None:
    assert kept(read(incident()), read(new)).snapshot is new


def test_a_source_that_alone_fails_is_not_hidden() -> None:
    refused: Failure = worlds.failure(FailureKind.REFUSED)
    new = read(worlds.world(prometheus=refused, argocd=refused, database=refused, logs=refused))
    assert kept(read(healthy()), new) is new
