"""moto's server, a process of its own that answers as AWS does; and how to be led there."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.error import URLError
from urllib.request import urlopen

from sandbox.processes import free_port

REGION = "ap-northeast-2"
_START_S = 20.0


@contextmanager
def moto_server() -> Iterator[str]:
    """Its address, once it answers."""
    port = free_port()
    command = (sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port))
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as moto:
        try:
            address = f"http://127.0.0.1:{port}"
            _await(f"{address}/moto-api/")
            yield address
        finally:
            moto.terminate()


def aws_variables(endpoint: str) -> Mapping[str, str]:
    """The environment that leads there, with credentials that nobody checks."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _await(address: str) -> None:
    ends = time.monotonic() + _START_S
    while True:
        try:
            with urlopen(address, timeout=1):
                return
        except (URLError, OSError):
            if time.monotonic() > ends:
                raise
            time.sleep(0.05)
