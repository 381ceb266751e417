"""ContainerExit: the process of the container is over."""

from __future__ import annotations


class ContainerExit(Exception):
    """Raised where the real process would exit. `reason` is Kubernetes' word for it."""

    def __init__(self, code: int, reason: str = "Error") -> None:
        super().__init__(f"the container exits with code {code}")
        self.code = code
        self.reason = reason
