"""Where files live: the XDG folders, in one place."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

APP = "opsportal-tui"


def config_file() -> Path:
    """The configuration file that is read when none is named."""
    return _folder("XDG_CONFIG_HOME", ".config") / APP / "config.toml"


def state_folder() -> Path:
    """What is remembered from one run to the next."""
    return _folder("XDG_STATE_HOME", ".local/state") / APP


def profiles_folder() -> Path:
    """What is known of each target."""
    return state_folder() / "profiles"


def reports_folder() -> Path:
    """Reports, where the working directory takes none."""
    return state_folder() / "reports"


def copied_file() -> Path:
    """What was copied last."""
    return state_folder() / "copied.txt"


def saved_logs(now: datetime) -> Path:
    """A file for lines saved at that time."""
    return state_folder() / "logs" / f"logs-{now:%Y%m%d-%H%M%S}.txt"


def saved_fix(remedy: str, now: datetime) -> Path:
    """A file of the working directory for a change that is made elsewhere."""
    return Path.cwd() / f"{remedy}-{now:%Y%m%dT%H%M%SZ}.yaml"


def _folder(variable: str, default: str) -> Path:
    """The XDG folder; a relative value is ignored, as the specification wants."""
    told = Path(os.environ.get(variable, ""))
    return told if told.is_absolute() else Path.home() / default
