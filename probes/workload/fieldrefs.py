"""What `valueFrom.fieldRef` and `resourceFieldRef` mean for a pod (Kubernetes' downward API)."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from probes.rawjson import Obj, mapping

_KEYED = re.compile(r"metadata\.(labels|annotations)\['(.+)'\]")
_QUANTITY = re.compile(r"([0-9.]+(?:[eE][0-9]+)?)(m|[kMGTPE]i?|Ki)?")
_UNITS = {
    "": Decimal(1),
    "m": Decimal("0.001"),
    **{unit: Decimal(1000) ** power for power, unit in enumerate("kMGTPE", 1)},
    **{f"{unit}i": Decimal(1024) ** power for power, unit in enumerate("KMGTPE", 1)},
}


def field_value(pod: Obj, path: str) -> str | None:
    """The pod's own field as the kubelet gives it to a container, or None where it has none."""
    keyed = _KEYED.fullmatch(path)
    if keyed:
        return _text(mapping(mapping(pod, "metadata"), keyed[1]).get(keyed[2], ""))
    part, _, name = path.partition(".")
    if path == "status.podIPs":
        ips = mapping(pod, "status").get("podIPs")
        rows = ips if isinstance(ips, list) else ()
        return ",".join(str(one.get("ip")) for one in rows if isinstance(one, Mapping)) or None
    if "." in name or part not in ("metadata", "spec", "status"):
        return None
    return _text(mapping(pod, part).get(name))


def resource_value(container: Obj, reference: Obj) -> str | None:
    """A limit or request of the container, divided and rounded up; None where it is not set."""
    kind, _, name = str(reference.get("resource") or "").partition(".")
    amount = _quantity(mapping(mapping(container, "resources"), kind).get(name))
    divisor = _quantity(reference.get("divisor") or "1") or Decimal(1)
    return None if amount is None else str(math.ceil(amount / divisor))


def _quantity(value: object) -> Decimal | None:
    found = _QUANTITY.fullmatch(str(value)) if isinstance(value, str | int) else None
    try:
        return Decimal(found[1]) * _UNITS[found[2] or ""] if found else None
    except (InvalidOperation, KeyError):
        return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
