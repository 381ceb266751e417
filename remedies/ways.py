"""The ways to have a remedy done, for whoever chooses by keys: what each is, and its options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from probes.profile import Profile
from remedies.model import RemedyId
from remedies.parameter.setparameter import SetParameter
from remedies.registry import REMEDIES
from remedies.token.remedy import LIFETIME, LIFETIMES
from remedies.words import WAYS


@dataclass(frozen=True, slots=True)
class Way:
    """`words` follow the remedy's name; empty where there is but one way."""

    words: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


def ways_of(remedy: RemedyId, profile: Profile, file: Path) -> tuple[Way, ...]:
    """The way without options first; `file` is a new one that a change may be saved to."""
    if isinstance(REMEDIES[remedy], SetParameter):
        return tuple(_of_a_parameter(profile, file))
    if remedy is RemedyId.DELIVER_ARGOCD_TOKEN:
        return tuple(map(_living, sorted(LIFETIMES, key=lambda one: one != LIFETIME)))
    return (Way(),)


def _of_a_parameter(profile: Profile, file: Path) -> list[Way]:
    """A commit only where the profile says to which clone."""
    found = [Way(WAYS["live"])]
    if profile.git_clone:
        clone = str(profile.git_clone)
        found.append(Way(WAYS["clone"].format(clone=clone), {"clone": clone}))
    return [*found, Way(WAYS["save"].format(file=file.name), {"save": str(file)})]


def _living(lifetime: str) -> Way:
    words = WAYS["unlimited" if lifetime == "unlimited" else "lifetime"]
    return Way(words.format(lifetime=lifetime), {"lifetime": lifetime})
