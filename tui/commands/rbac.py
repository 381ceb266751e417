"""`opsportal-tui rbac`: the least Roles that looking and each remedy need, as YAML to apply."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

import click
import yaml

from probes.profile import Profile
from remedies.model import Permission, RemedyId
from remedies.rbac import NEEDS, Place, Subject, elsewhere, looking, manifests

READ_ONLY = "read-only"


def parse_parts(names: Iterable[str]) -> tuple[str, ...]:
    """What is wanted, by default everything. Raises click.BadParameter naming the nearest."""
    known = (READ_ONLY, *(one.value for one in NEEDS))
    wanted = tuple(names) or known
    for one in wanted:
        if one not in known:
            near = difflib.get_close_matches(one, known, n=1, cutoff=0.4)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            raise click.BadParameter(f"there is no {one}: {hint}", param_hint="WHAT")
    return wanted


def show(profile: Profile, parts: Iterable[str], subject: Subject) -> None:
    """Print them."""
    place = Place(
        profile.namespace or "default",
        profile.argocd_namespace or "argocd",
        profile.workload,
        profile.application or "",
    )
    click.echo("\n".join(line for part in parts for line in _document(part, place, subject)))


def _document(part: str, place: Place, subject: Subject) -> Iterator[str]:
    needs = _needs(part, place)
    words = "to look" if part == READ_ONLY else f"for the remedy {part}, besides {READ_ONLY}"
    yield f"# {part}: the least {words}"
    for other in elsewhere(needs):
        yield f"# and at {other}"
    for manifest in manifests(part, needs, subject):
        yield "---"
        yield yaml.safe_dump(manifest, sort_keys=False).rstrip()
    yield ""


def _needs(part: str, place: Place) -> tuple[Permission, ...]:
    return looking(place) if part == READ_ONLY else NEEDS[RemedyId(part)](place)
