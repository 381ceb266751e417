"""Files: whole or not at all, private, and none of a person's is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.files import write_new, write_private


def test_a_private_file_replaces_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file"
    write_private(path, "one")
    write_private(path, "two")
    assert path.read_text() == "two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_a_new_file_never_overwrites(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_new(path, "one")
    with pytest.raises(FileExistsError):
        write_new(path, "two")
    assert path.read_text() == "one"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_that_leads_nowhere_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        write_new(path, "one")
    assert not (tmp_path / "elsewhere").exists()


def test_text_that_no_file_can_hold_leaves_nothing(tmp_path: Path) -> None:
    for write in (write_private, write_new):
        with pytest.raises(UnicodeEncodeError):
            write(tmp_path / "file", "\ud800")
    assert list(tmp_path.iterdir()) == []
