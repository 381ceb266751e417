"""The configuration: who wins, and what a mistake is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.commands.config import template
from tui.configfile import ConfigError
from tui.settings import Flags, load


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for name in ("OPSPORTAL_NAMESPACE", "OPSPORTAL_PROFILE", "OPSPORTAL_TIMEOUT_S"):
        monkeypatch.delenv(name, raising=False)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "opsportal-tui" / "config.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_without_a_file_everything_has_a_default() -> None:
    settings = load(Flags())
    assert settings.profile.name == "default"
    assert settings.profile.timeout_s == 5
    assert set(settings.origins.values()) == {"default"}


def test_flags_win_over_variables_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(
        tmp_path,
        'default_profile = "prod"\n'
        "[profiles.prod]\n"
        'namespace = "file"\ncontext = "file"\nworkload = "file"\n',
    )
    monkeypatch.setenv("OPSPORTAL_NAMESPACE", "variable")
    monkeypatch.setenv("OPSPORTAL_CONTEXT", "variable")
    settings = load(Flags(namespace="flag"))
    profile = settings.profile
    assert (profile.namespace, profile.context, profile.workload) == ("flag", "variable", "file")
    assert settings.origins["namespace"] == "--namespace"
    assert settings.origins["context"] == "OPSPORTAL_CONTEXT"
    assert settings.origins["workload"] == str(path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[profiles.prod]\nnamespce = 'x'\n", ("line 2", "profiles.prod.namespce", "`namespace`")),
        ("[ui]\nthem = 'x'\n", ("line 2", "ui.them", "`theme`")),
        ("defualt_profile = 'x'\n", ("line 1", "defualt_profile", "`default_profile`")),
        ("[profiles.prod]\ntimeout_s = -1\n", ("line 2", "timeout_s", "greater than 0")),
        ("[profiles.prod]\ninterval_s = 1\n", ("line 2", "interval_s", "5")),
        ("a = = 1\n", ("not valid TOML", "line 1")),
        ("profiles = 3\n", ("profiles must be tables",)),
        (
            "[profiles.dev]\ntimeout_s = 2\n[profiles.prod]\ntimeout_s = -1\n",
            ("line 4", "timeout_s"),
        ),
        ("[keys]\n'view.sweep' = 3\n", ("line 2", "keys.view.sweep", "such as")),
        ("[keys]\nview.sweep = ''\n", ("line 2", "keys.view.sweep", "such as")),
        ("keys = 'x'\n", ("line 1", "[keys]")),
    ],
)
def test_a_mistake_names_the_file_the_line_and_the_nearest_key(
    tmp_path: Path, text: str, told: tuple[str, ...]
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load(Flags(profile="prod" if "prod" in text else None))
    for part in (str(path), *told):
        assert part in str(caught.value)


def test_keys_are_told_by_binding_id_with_their_line(tmp_path: Path) -> None:
    path = written(tmp_path, '[keys]\n"view.sweep" = "R,f5"\nview.pause = "z"\n')
    said = load(Flags()).keys
    assert {name: one.keys for name, one in said.items()} == {
        "view.sweep": "R,f5",
        "view.pause": "z",
    }
    assert [one.where for one in said.values()] == [f"{path}, line 2", f"{path}, line 3"]


def test_an_unknown_profile_names_the_nearest(tmp_path: Path) -> None:
    written(tmp_path, "[profiles.prod]\n")
    with pytest.raises(ConfigError, match="did you mean `prod`"):
        load(Flags(profile="prd"))


def test_a_named_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        load(Flags(config=tmp_path / "none.toml"))


def test_a_variable_of_the_wrong_kind_is_told_without_its_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPSPORTAL_TIMEOUT_S", "hunter2")
    with pytest.raises(ConfigError, match="timeout_s") as caught:
        load(Flags())
    assert "hunter2" not in str(caught.value)


def test_the_written_template_is_a_valid_file_also_uncommented(tmp_path: Path) -> None:
    written(tmp_path, template())
    assert load(Flags()).profile.name == "default"
    uncommented = "\n".join(
        line.removeprefix("# ")
        for line in template().splitlines()
        if " = " in line or line.startswith(("[", "# [")) or not line
    )
    path = written(tmp_path, uncommented)
    assert load(Flags(profile="prod")).file == path


def test_a_flag_or_the_profile_arms_and_no_variable_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, "[profiles.dev]\nallow_actions = true\n[profiles.prod]\n")
    monkeypatch.setenv("OPSPORTAL_ALLOW_ACTIONS", "true")
    assert load(Flags(profile="prod")).profile.allow_actions is False
    dev = load(Flags(profile="dev"))
    assert (dev.profile.allow_actions, dev.origins["allow_actions"]) == (True, str(path))
    told = load(Flags(profile="prod", allow_actions=True))
    assert (told.profile.allow_actions, told.origins["allow_actions"]) == (True, "--allow-actions")
