"""The command line, as a person types it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tui import cli

PROGRAM = Path(sys.executable).with_name("opsportal-tui")


def said(*args: str) -> Result:
    return CliRunner().invoke(cli.main, list(args))


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.mark.parametrize(
    ("args", "scenario"),
    [
        (("--sandbox",), "incident-v11"),
        (("--sandbox", "healthy"), "healthy"),
        (("--sandbox=healthy",), "healthy"),
        (("--sandbox", "check"), "incident-v11"),
        (("check", "--sandbox", "healthy", "--strict"), "healthy"),
        (("check", "--sandbox", "--strict"), "incident-v11"),
        (("--sandbox", "healthy", "check"), "healthy"),
        (("check",), None),
    ],
)
def test_sandbox_means_what_a_person_means(
    args: tuple[str, ...], scenario: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str | None] = []

    def note(request: object, *_: object) -> int:
        asked.append(getattr(request, "sandbox", "no request"))
        return 0

    async def checked(request: object, *_: object) -> int:
        return note(request)

    monkeypatch.setattr("tui.dashboard.run_dashboard", note)
    monkeypatch.setattr("tui.commands.check.check", checked)
    result = said(*args)
    assert (result.exit_code, asked) == (0, [scenario]), result.output


def test_options_may_stand_before_or_after_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str | None, str | None]] = []

    async def checked(request: object, *_: object) -> int:
        profile = getattr(request, "profile", None)
        seen.append((getattr(profile, "namespace", None), getattr(profile, "context", None)))
        return 0

    monkeypatch.setattr("tui.commands.check.check", checked)
    assert said("-n", "a", "--context", "c", "check", "-n", "b").exit_code == 0
    assert seen == [("b", "c")]


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("check", "--only", "db.migratoin"), "did you mean db.migration"),
        (("check", "--format", "yaml"), "'yaml' is not one of"),
        (("check", "--timeout", "0"), "not in the range"),
        (("check", "--profile", "nope"), "there is no profile `nope`"),
        (("chek",), "No such command"),
    ],
)
def test_a_mistake_exits_2_with_one_clear_sentence(args: tuple[str, ...], told: str) -> None:
    result = said(*args)
    assert result.exit_code == 2
    assert told in result.stderr
    assert result.stdout == ""


def test_config_init_writes_once_and_overwrites_only_by_force(tmp_path: Path) -> None:
    first = said("config", "init")
    path = tmp_path / "opsportal-tui" / "config.toml"
    assert (first.exit_code, first.stdout.strip()) == (0, str(path))
    again = said("config", "init")
    assert again.exit_code == 2
    assert "--force" in again.stderr
    assert said("config", "init", "--force").exit_code == 0
    assert said("config", "path").stdout.strip() == str(path)


def test_config_show_tells_values_and_origins_and_no_command_line() -> None:
    env = {"OPSPORTAL_TOKEN_COMMAND": "vault read hunter2", "OPSPORTAL_NAMESPACE": "ops"}
    result = CliRunner().invoke(cli.main, ["config", "show", "--context", "c"], env=env)
    assert result.exit_code == 0, result.output
    assert "OPSPORTAL_NAMESPACE" in result.stdout
    assert "--context" in result.stdout
    assert "hunter2" not in result.stdout


def test_the_sandbox_lists_its_scenarios() -> None:
    result = said("sandbox", "--list")
    assert result.exit_code == 0
    assert "incident-v11" in result.stdout


def test_an_unknown_scenario_names_the_nearest() -> None:
    done = subprocess.run(
        [PROGRAM, "check", "--sandbox", "incidnet"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 2
    assert "did you mean incident-v11" in done.stderr
    assert done.stdout == ""


def test_help_imports_no_client_library() -> None:
    code = (
        "import sys; from tui.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "bad = {'httpx', 'kubernetes', 'asyncpg', 'textual'} & set(sys.modules)\n"
        "sys.exit(str(bad) if bad else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={**os.environ},
    )
    assert done.returncode == 0, done.stderr
