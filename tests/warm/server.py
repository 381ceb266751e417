"""`python server.py PROGRAM SOCKET`: imports a program, then forks and runs it for each client.

It ends when its standard input does.
"""

from __future__ import annotations

import importlib.util
import json
import os
import selectors
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Callable
from types import ModuleType
from typing import IO, NoReturn


def main(program: str, address: str) -> None:
    run = _imported(program).main
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # no zombies
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(64)
        print("ready", flush=True)
        with selectors.DefaultSelector() as waiting:
            waiting.register(0, selectors.EVENT_READ)
            waiting.register(listener, selectors.EVENT_READ)
            while all(key.fd != 0 for key, _ in waiting.select()):
                client, _ = listener.accept()
                with client:
                    if os.fork() == 0:
                        _serve(client, run)


def _imported(program: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location("program", program)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _serve(client: socket.socket, run: Callable[[], None]) -> NoReturn:
    """Do it as the client would: in its folder, with its environment and arguments."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with client.makefile() as request:
        asked = json.load(request)
    os.environ.clear()
    os.environ.update(asked["environ"])
    os.chdir(asked["cwd"])
    sys.argv = asked["argv"]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        code = 1
        try:
            run()
            code = 0
        finally:
            if code:
                traceback.print_exc()
            sys.stdout.flush()
            told = {"code": code, "stdout": _written(out), "stderr": _written(err)}
            client.sendall(json.dumps(told).encode())
            client.close()
    sys.exit()


def _written(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


if __name__ == "__main__":
    main(*sys.argv[1:])
