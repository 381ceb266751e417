"""A real git repository with ops-service's manifest in it, and a clone as a person has one."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from sandbox.argocd.inventory import BRANCH, REPOSITORY, ROOT_PATH
from tests.remedies.test_manifest import MANIFEST

FILE = f"{ROOT_PATH}/ops-service.yaml"
_NOBODY = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}


@dataclass(frozen=True)
class Repository:
    """`clone` is the person's, with `main` checked out; `bare` is what it was cloned from."""

    bare: Path
    clone: Path

    @classmethod
    def make(cls, folder: Path, manifest: str = MANIFEST) -> Repository:
        """With the manifest on the branch that Argo CD tracks, and other files beside it."""
        bare, clone = folder / "wealist.git", folder / "wealist"
        _git(folder, "init", "-q", "--bare", "-b", "main", str(bare))
        _git(folder, "clone", "-q", str(bare), str(clone))
        made = cls(bare, clone)
        for key, value in (("user.name", "Anna"), ("user.email", "anna@example.com")):
            made.git("config", key, value)
        made.write("README.md", "# wealist\n")
        made.commit("Begin")
        made.git("push", "-q", "origin", "main")
        made.git("switch", "-q", "--create", BRANCH)
        made.write(FILE, manifest)
        made.write("docs/notes.yaml", "about: ops-service-prod\n")
        made.write("k8s/helm/templates/app.yaml", "kind: {{ ops-service-prod }}\n")
        made.commit("ops-service in production")
        made.git("push", "-q", "origin", BRANCH)
        made.git("switch", "-q", "main")
        made.git("branch", "-q", "-D", BRANCH)
        # As if it were cloned from where production is; only the objects come from here.
        made.git("remote", "set-url", "origin", REPOSITORY)
        return made

    def git(self, *arguments: str) -> str:
        return _git(self.clone, *arguments)

    def write(self, path: str, text: str) -> None:
        target = self.clone / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, newline="")

    def commit(self, message: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)

    def branches(self) -> list[str]:
        return self.git("branch", "--format=%(refname:short)").split()

    def refs_of_remote(self) -> str:
        return _git(self.bare, "for-each-ref")

    def file(self, ref: str, path: str = FILE) -> str:
        return self.git("show", f"{ref}:{path}")


def _git(folder: Path, *arguments: str) -> str:
    kept = {name: one for name, one in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
        env=kept | _NOBODY,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
