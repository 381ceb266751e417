"""Given warnings and errors, check, panel and report tell the same of them."""

from __future__ import annotations

from dataclasses import replace

from probes.checks.log_groups import groups, loud
from probes.model import NOISE, CheckId, Level, LogsSeen
from tests.checks import worlds as w

KNOWN = w.line(Level.WARN, "ArgoCD client not configured")
NEW = w.line(Level.ERROR, "Failed to do it 3 times")
AGAIN = replace(NEW, message="Failed to do it 14 times")
QUIET = w.line(Level.WARN, "Redis connection failed")
CRASH = w.line(Level.FATAL, "panic: boom")


def restarted() -> LogsSeen:
    """A running container, and what the one before its last restart said."""
    running = w.logs(KNOWN, NEW, AGAIN, QUIET).pods[0]
    return LogsSeen((running, replace(running, head=(), tail=(CRASH,), previous=True)))


def test_what_the_running_containers_say_counts_and_noise_does_not() -> None:
    assert loud(restarted()) == (KNOWN, NEW, AGAIN)
    assert loud(restarted(), ended=True) == (CRASH,)


def test_equal_lines_are_told_once_with_what_they_mean() -> None:
    assert {(one.newest.message, one.count, one.means) for one in groups(restarted())} == {
        ("Failed to do it 14 times", 2, None),
        ("ArgoCD client not configured", 1, CheckId.ARGOCD_TOKEN),
        ("Redis connection failed", 1, NOISE),
    }
