"""Protobuf: the few objects that kubectl sends in Kubernetes' protobuf encoding, as JSON objects.

Field numbers: the `generated.proto` files of k8s.io/api (core/v1, authorization/v1) and of
k8s.io/apimachinery (meta/v1, runtime.Unknown).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any, Literal, Union

from sandbox.kubernetes import errors

MEDIA_TYPE = "application/vnd.kubernetes.protobuf"

# How a field is read: text, a map of texts, a map of bytes (base64 in JSON), or a message.
_Reading = Union[Literal["text", "map", "bytes-map"], "_Message"]
_Message = Mapping[int, tuple[str, _Reading]]

_MAGIC = b"k8s\x00"
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_META: _Message = {
    1: ("name", "text"),
    2: ("generateName", "text"),
    3: ("namespace", "text"),
    11: ("labels", "map"),
    12: ("annotations", "map"),
}
_ASKED_RESOURCE: _Message = {
    1: ("namespace", "text"),
    2: ("verb", "text"),
    3: ("group", "text"),
    4: ("version", "text"),
    5: ("resource", "text"),
    6: ("subresource", "text"),
    7: ("name", "text"),
}
_ASKED_PATH: _Message = {1: ("path", "text"), 2: ("verb", "text")}
_ACCESS_SPEC: _Message = {
    1: ("resourceAttributes", _ASKED_RESOURCE),
    2: ("nonResourceAttributes", _ASKED_PATH),
}
_KINDS: dict[str, _Message] = {
    "ConfigMap": {1: ("metadata", _META), 2: ("data", "map"), 3: ("binaryData", "bytes-map")},
    "Namespace": {1: ("metadata", _META)},
    "Secret": {
        1: ("metadata", _META),
        2: ("data", "bytes-map"),
        3: ("type", "text"),
        4: ("stringData", "map"),
    },
    "SelfSubjectAccessReview": {2: ("spec", _ACCESS_SPEC)},
    "SelfSubjectReview": {},
    "SelfSubjectRulesReview": {2: ("spec", {1: ("namespace", "text")})},
    "ServiceAccount": {1: ("metadata", _META)},
}


def decode(body: bytes) -> dict[str, Any]:
    """The JSON object of an encoded one. Raises ApiError 400, or 415 for a kind not known here."""
    if not body.startswith(_MAGIC):
        raise errors.bad_request("the body is not in Kubernetes' protobuf encoding")
    try:
        unknown = dict(_fields(body[len(_MAGIC) :]))
        types = _message(unknown.get(1, b""), {1: ("apiVersion", "text"), 2: ("kind", "text")})
        message = _KINDS.get(types.get("kind", ""))
        if message is None:
            raise errors.unsupported_media_type(MEDIA_TYPE, ("application/json",))
        return types | _message(unknown.get(2, b""), message)
    except (IndexError, UnicodeDecodeError) as error:
        raise errors.bad_request(f"unable to decode the protobuf body: {error}") from None


def _message(data: bytes, message: _Message) -> dict[str, Any]:
    decoded: dict[str, Any] = {}
    for number, value in _fields(data):
        if number not in message:
            continue
        name, reading = message[number]
        if reading == "text":
            decoded[name] = value.decode()
        elif reading == "map" or reading == "bytes-map":
            entry = dict(_fields(value))
            decoded.setdefault(name, {})[entry.get(1, b"").decode()] = _text(
                entry.get(2, b""), encoded=reading == "bytes-map"
            )
        else:
            decoded[name] = _message(value, reading)
    return decoded


def _text(value: bytes, *, encoded: bool) -> str:
    return base64.b64encode(value).decode() if encoded else value.decode()


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """The length-delimited fields of a message; numbers are passed over."""
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        wire = tag & 7
        if wire == _BYTES:
            length, position = _varint(message, position)
            if position + length > len(message):
                raise IndexError("a field is longer than its message")
            yield tag >> 3, message[position : position + length]
            position += length
        elif wire == _VARINT:
            _, position = _varint(message, position)
        elif wire in (_FIXED64, _FIXED32):
            position += 8 if wire == _FIXED64 else 4
        else:
            raise IndexError(f"unknown wire type {wire}")


def _varint(message: bytes, position: int) -> tuple[int, int]:
    value, shift = 0, 0
    while True:
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
