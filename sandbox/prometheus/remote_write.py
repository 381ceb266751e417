"""Remote write: series as a snappy-compressed protobuf `WriteRequest`.

Wire format: prometheus/prompb/remote.proto and types.proto (WriteRequest.timeseries = 1;
TimeSeries.labels = 1, .samples = 2; Label.name = 1, .value = 2; Sample.value = 1 (double),
.timestamp = 2 (varint, milliseconds)).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

import cramjam

from sandbox.prometheus.samples import Series, milliseconds

HEADERS = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}

_FIELD_1_BYTES = b"\x0a"
_FIELD_2_BYTES = b"\x12"
_FIELD_1_DOUBLE = b"\x09"
_FIELD_2_VARINT = b"\x10"
_DOUBLE = struct.Struct("<d")


def _varint(value: int) -> bytes:
    """Base-128, least significant group first; `value` is not negative."""
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    groups.append(value)
    return bytes(groups)


def _field(tag: bytes, content: bytes) -> bytes:
    return tag + _varint(len(content)) + content


def _label(name: str, value: str) -> bytes:
    return _field(_FIELD_1_BYTES, name.encode()) + _field(_FIELD_2_BYTES, value.encode())


def _sample(seconds: float, value: float) -> bytes:
    timestamp = _varint(milliseconds(seconds))
    return _FIELD_1_DOUBLE + _DOUBLE.pack(value) + _FIELD_2_VARINT + timestamp


def _series(series: Series) -> bytes:
    # Labels must be sorted by name, or the receiver refuses them.
    labels = (_field(_FIELD_1_BYTES, _label(*pair)) for pair in sorted(series.labels.items()))
    samples = (_field(_FIELD_2_BYTES, _sample(*sample)) for sample in series.samples)
    return b"".join([*labels, *samples])


def write_request(series: Iterable[Series]) -> bytes:
    """The body of one request to `/api/v1/write`."""
    message = b"".join(_field(_FIELD_1_BYTES, _series(one)) for one in series)
    return bytes(cramjam.snappy.compress_raw(message))


def within(series: Sequence[Series], oldest: float) -> list[Series]:
    """The series without what is older than `oldest` (epoch seconds), empty ones left out."""
    kept = (
        Series(one.labels, tuple(sample for sample in one.samples if sample[0] >= oldest))
        for one in series
    )
    return [one for one in kept if one.samples]
