"""A kubeconfig loader that has imported the client library already: 0.3 s less per cluster.

Every reach loads its credentials in a process of its own, most of whose time goes into importing
the library. Here one process imports it once and forks for each load: the same program with the
same arguments and environment, in a process of its own. What the loading does with its
process is tested with the program as it is: `tests/probes/test_reach_kubeconfig`.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from probes.reach import credentials

_HERE = Path(__file__).parent
COLD = credentials._PROGRAM


@contextmanager
def loader() -> Iterator[Path]:
    """The program to run in place of `probes/kubeconfig.py` for as long as the block lasts."""
    with tempfile.TemporaryDirectory() as folder:  # short: a socket's path has 108 bytes
        program = Path(shutil.copy(_HERE / "client.py", folder))
        server = subprocess.Popen(
            [sys.executable, "-P", _HERE / "server.py", COLD, program.with_name("socket")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # no terminal, as where the program runs by itself
        )
        with server:
            assert server.stdout
            assert server.stdout.readline() == b"ready\n"
            yield program
            assert server.stdin
            server.stdin.close()  # which ends it, as our own end would


@contextmanager
def program(path: Path) -> Iterator[None]:
    """Credentials are loaded by that program for as long as the block lasts."""
    before = credentials._PROGRAM
    credentials._PROGRAM = path
    try:
        yield
    finally:
        credentials._PROGRAM = before
