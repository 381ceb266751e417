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
from collections.abc import Callable
from types import ModuleType
from typing import NoReturn

_REQUEST_BYTES = 1 << 20


def main(program: str, address: str) -> None:
    run = _imported(program).main
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # no zombies
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
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
    """Become the client's process: its files, its environment, its folder."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    asked, files, _, _ = socket.recv_fds(client, _REQUEST_BYTES, 3)
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    told = json.loads(asked)
    os.environ.clear()
    os.environ.update(told["environ"])
    os.chdir(told["cwd"])
    sys.argv = told["argv"]
    code = 1
    try:
        run()
        code = 0
    finally:
        client.send(bytes([code]))
    sys.exit()


if __name__ == "__main__":
    main(*sys.argv[1:])
