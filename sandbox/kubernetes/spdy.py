"""SPDY/3.1 frames, as many kinds as a port-forward needs: streams with headers, data and pings.

kubectl speaks them inside a WebSocket since 1.31 (KEP 4006). Layout: SPDY draft 3.1, section 2.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from struct import pack, unpack_from

_VERSION = 0x8003
_SYN_STREAM, _SYN_REPLY, _PING = 1, 2, 6
_FIN = 0x01
_HEADER_BYTES = 8

_WORDS = (
    "options,head,post,put,delete,trace,accept,accept-charset,accept-encoding,accept-language,"
    "accept-ranges,age,allow,authorization,cache-control,connection,content-base,content-encoding,"
    "content-language,content-length,content-location,content-md5,content-range,content-type,date,"
    "etag,expect,expires,from,host,if-match,if-modified-since,if-none-match,if-range,"
    "if-unmodified-since,last-modified,location,max-forwards,pragma,proxy-authenticate,"
    "proxy-authorization,range,referer,retry-after,server,te,trailer,transfer-encoding,upgrade,"
    "user-agent,vary,via,warning,www-authenticate,method,get,status,200 OK,version,HTTP/1.1,url,"
    "public,set-cookie,keep-alive,origin"
)
_REST = (
    "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505"
    "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request"
    "401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented"
    "503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 "
    "Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,"
    "application/xml,application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age="
    "gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0."
)
_DICTIONARY = b"".join(pack(">I", len(one)) + one.encode() for one in _WORDS.split(","))
_DICTIONARY += _REST.encode()
"""What both ends preset their compression of headers with; its Adler-32 is e3c6a7c2."""


@dataclass(frozen=True)
class Opened:
    """The other end opens a stream."""

    stream: int
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Data:
    """A piece of a stream. After the `last` one its sender sends no more."""

    stream: int
    payload: bytes
    last: bool = False


@dataclass(frozen=True)
class Ping:
    """A question whether this end lives; it is answered with itself."""

    id: int


Frame = Opened | Data | Ping


class Framer:
    """One end of a connection: headers are compressed over its whole time."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._inflate = zlib.decompressobj(zdict=_DICTIONARY)
        self._deflate = zlib.compressobj(zdict=_DICTIONARY)

    def feed(self, received: bytes) -> Iterator[Frame]:
        """The frames that are whole by now; kinds that a port-forward can do without are left out.

        Raises ValueError where it is no SPDY.
        """
        self._waiting += received
        while len(self._waiting) >= _HEADER_BYTES:
            first, sized = unpack_from(">II", self._waiting)
            end = _HEADER_BYTES + (sized & 0xFFFFFF)
            if len(self._waiting) < end:
                return
            body = bytes(self._waiting[_HEADER_BYTES:end])
            del self._waiting[:end]
            frame = self._read(first, sized >> 24, body)
            if frame is not None:
                yield frame

    def reply(self, stream: int) -> bytes:
        """Accepts a stream, with no headers."""
        headers = self._deflate.compress(pack(">I", 0)) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        return _control(_SYN_REPLY, pack(">I", stream) + headers)

    def _read(self, first: int, flags: int, body: bytes) -> Frame | None:
        if not first & 0x80000000:
            return Data(first, body, bool(flags & _FIN))
        if first >> 16 != _VERSION:
            raise ValueError(f"not SPDY/3: {first:08x}")
        kind = first & 0xFFFF
        if kind == _SYN_STREAM:
            (stream,) = unpack_from(">I", body)
            # Behind the stream's id: the one it belongs to, its priority and its slot.
            return Opened(stream & 0x7FFFFFFF, _headers(self._inflate.decompress(body[10:])))
        if kind == _PING:
            return Ping(*unpack_from(">I", body))
        return None


def data(piece: Data) -> bytes:
    """The frame of a piece."""
    sized = (_FIN << 24 if piece.last else 0) | len(piece.payload)
    return pack(">II", piece.stream, sized) + piece.payload


def ping(question: Ping) -> bytes:
    """The frame of a ping, or of its answer."""
    return _control(_PING, pack(">I", question.id))


def _control(kind: int, body: bytes) -> bytes:
    return pack(">HHI", _VERSION, kind, len(body)) + body


def _headers(block: bytes) -> dict[str, str]:
    (count,), at = unpack_from(">I", block), 4
    texts = []
    for _ in range(2 * count):
        (size,) = unpack_from(">I", block, at)
        texts.append(block[at + 4 : at + 4 + size].decode())
        at += 4 + size
    return dict(zip(texts[::2], texts[1::2], strict=True))
