"""A cluster of a few objects, beside the real way to everything else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from probes.model import Failure, FailureKind, ProbeError
from probes.reach import Body, Landing, Reach


class FewObjects:
    """Answers GETs of the Kubernetes API from a mapping; what is not in it is not found."""

    def __init__(self, objects: Mapping[str, Mapping[str, Any] | Failure]) -> None:
        self.namespace = "wealist-prod"
        self.asked: list[tuple[str, Mapping[str, str] | None]] = []
        self._objects = objects

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        self.asked.append((path, params))
        found = self._objects.get(path)
        if found is None:
            raise ProbeError(Failure(FailureKind.NOT_FOUND, f"{path} does not exist", status=404))
        if isinstance(found, Failure):
            raise ProbeError(found)
        return found


class _Beside:
    def __init__(self, reach: Reach, cluster: FewObjects, names: Mapping[str, str]) -> None:
        self.cluster = cluster
        self._reach = reach
        self._names = names

    async def get(self, url: str, **options: Any) -> Body:
        for name, address in self._names.items():
            url = url.replace(f"//{name}:", f"//{address}:")
        return await self._reach.get(url, **options)

    async def tcp(self, host: str, port: int, **options: Any) -> Landing:
        return await self._reach.tcp(self._names.get(host, host), port, **options)


def beside(
    reach: Reach,
    objects: Mapping[str, Mapping[str, Any] | Failure],
    names: Mapping[str, str] | None = None,
) -> Reach:
    """The same reach, with those objects for a cluster and those names for its Services."""
    return cast(Reach, _Beside(reach, FewObjects(objects), names or {}))
