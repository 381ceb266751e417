"""Has the server beside this file do what it was asked itself, and says what that said.

The server never holds our pipes: they end with us, however we end.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path

with socket.socket(socket.AF_UNIX) as server:
    server.connect(str(Path(__file__).with_name("socket")))
    asked = {"argv": sys.argv, "environ": dict(os.environ), "cwd": os.getcwd()}
    server.sendall(json.dumps(asked).encode())
    server.shutdown(socket.SHUT_WR)
    with server.makefile() as answer:
        told = json.load(answer)
sys.stderr.write(told["stderr"])
sys.stdout.write(told["stdout"])
sys.exit(told["code"])
