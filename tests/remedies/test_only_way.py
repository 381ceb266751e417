"""Nothing in the program can write but by the executor: every door out of it has the guard.

What the servers received is in test_whole_world.py; that no request passes the guard without the
permit, in tests/probes/test_writes.py; that only the executor takes it, in the import contracts.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from probes.profile import Profile
from probes.reach import open_reach
from probes.reach.guard import WriteRefusedError
from remedies import database
from remedies.world import World

ROOT = Path(__file__).parents[2]
ROOMS = ("probes", "remedies", "tui", "widgets")
DOORS = {
    "httpx": "probes/reach",
    "asyncpg": "probes/database/dial.py",
    "boto3": "remedies/aws.py",
    "kubernetes": "probes/kubeconfig.py",
    "websockets": "probes/reach",
}
"""The libraries that reach the outside, and the one place that may use each."""


@cache
def sources() -> tuple[tuple[str, ast.Module], ...]:
    """Every module of the program, parsed once."""
    paths = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    return tuple((str(one.relative_to(ROOT)), ast.parse(one.read_text())) for one in paths)


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name.partition(".")[0] for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("library", DOORS)
def test_each_library_that_reaches_out_is_used_in_one_place(library: str) -> None:
    users = [name for name, tree in sources() if library in imported(tree)]
    assert users
    assert [one for one in users if not one.startswith(DOORS[library])] == []


def test_every_http_client_is_made_with_the_guard() -> None:
    made = [
        (name, [one.arg for one in node.keywords], ast.unparse(node))
        for name, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("httpx.AsyncClient")
    ]
    assert len(made) >= 2
    for name, keywords, text in made:
        assert "event_hooks" in keywords, name
        assert "refuse_writes" in text, name


def test_the_import_contracts_hold() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "the executor alone takes the permit to write KEPT" in done.stdout


async def test_the_database_is_not_written_to_without_the_permit_either() -> None:
    async def no_sweep() -> None:
        raise AssertionError

    async with open_reach(Profile()) as reach:
        world = World(reach, Profile(), no_sweep)  # type: ignore[arg-type]  # never called
        with pytest.raises(WriteRefusedError, match="a transaction of ops-service's database"):
            async with database.writing(world, 1, 1):
                raise AssertionError("it must not come this far")
