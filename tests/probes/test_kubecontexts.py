"""The contexts that a person may choose from, from kubeconfig files in any state."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from probes.kubecontexts import Contexts, ContextsError, read

SECRET = "s3cr3t-t0ken-value"


def written(path: Path, *names: str, current: str = "") -> Path:
    entries = "\n".join(f"- name: {name}\n  context: {{cluster: c, user: u}}" for name in names)
    users = f"users:\n- name: u\n  user: {{token: {SECRET}}}"
    path.write_text(f"contexts:\n{entries}\n{users}\ncurrent-context: {current}\n")
    return path


def test_the_contexts_in_their_order_and_the_current_one(tmp_path: Path) -> None:
    path = written(tmp_path / "k", "prod", "dev", current="dev")
    assert read(path) == Contexts("dev", ("prod", "dev"))


def test_several_files_are_merged_and_the_first_word_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [
        written(tmp_path / "a", "prod"),
        tmp_path / "absent",
        written(tmp_path / "b", "prod", "dev", current="dev"),
        written(tmp_path / "c", "dev", "test", current="test"),
    ]
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join(map(str, files)))
    assert read() == Contexts("dev", ("prod", "dev", "test"))


def test_without_a_file_there_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    assert read() == Contexts()
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    assert read() == Contexts("in-cluster")


@pytest.mark.parametrize(
    "text", ["", "just words", "[1]", "contexts: 3", "contexts: [3, {name: 4}, {}]", "contexts:"]
)
def test_what_is_no_kubeconfig_has_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "k"
    path.write_text(text)
    assert read(path) == Contexts()


@pytest.mark.parametrize("text", [f"users: {{token: {SECRET}", "\x00", "a: !!python/name:os.x"])
def test_a_broken_file_is_told_without_its_content(tmp_path: Path, text: str) -> None:
    path = tmp_path / "k"
    path.write_text(text)
    with pytest.raises(ContextsError, match="not valid YAML") as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "k")
    with pytest.raises(ContextsError, match="no file"):
        read(tmp_path / "k")
