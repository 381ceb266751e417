"""How long do 100,000 log lines take, from their text to the screen, and what do they weigh?"""

from __future__ import annotations

import asyncio
import json
import time
import tracemalloc
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from hashlib import sha256

from pydantic import SecretStr
from textual.app import App, ComposeResult

from benchmarks.measuring import SIZE, Figure
from probes.logline import parse
from probes.logs.mark import Mark
from probes.text import Redactor
from widgets.log_view import LogView
from widgets.logbook import CAP, Logbook

LINES, BATCH = 100_000, 4_000


def measure() -> Iterator[Figure]:
    """End to end in a headless terminal: secrets out, parsed, kept, filtered, drawn by batches."""
    texts = [_line(number) for number in range(LINES)]
    yield Figure("100,000 lines, parsed to drawn", asyncio.run(_run(texts)), "s", 2.0)
    tracemalloc.start()
    book = Logbook()
    book.extend(parse("ops-service-1", text) for text in texts[: 2 * CAP])
    half = tracemalloc.get_traced_memory()[0]
    book.extend(parse("ops-service-1", text) for text in texts[2 * CAP :])
    grown = tracemalloc.get_traced_memory()[0] - half
    tracemalloc.stop()
    yield Figure("memory grown by 80,000 lines past the cap", grown / 1e6, "MB", 1.0)
    yield Figure("memory of a full logbook", half / 1e6, "MB")


def _line(number: int) -> str:
    fields = {
        "level": "warn" if number % 50 == 0 else "info",
        "ts": 1767672000.0 + number / 100,
        "caller": "middleware/logger.go:162",
        "msg": "Request completed",
        "http.method": "GET",
        "http.target": f"/api/monitoring/metrics/{number}",
        "http.status_code": 200,
    }
    return f"2026-01-06T03:00:00.{number % 1_000_000:06}Z {json.dumps(fields)}"


def _secret(number: int) -> SecretStr:
    """As random as a real one: what they begin with decides how fast they are looked for."""
    return SecretStr(urlsafe_b64encode(sha256(bytes([number])).digest()).decode())


class _LogApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.book = Logbook()

    def compose(self) -> ComposeResult:
        yield LogView(self.book)


async def _run(texts: list[str]) -> float:
    app = _LogApp()
    async with app.run_test(size=SIZE):
        view = app.query_one(LogView)
        mark, redact = Mark(), Redactor(map(_secret, range(20)))
        begun = time.perf_counter()
        for start in range(0, LINES, BATCH):
            lines = [parse("ops-service-1", text, redact) for text in texts[start : start + BATCH]]
            app.book.extend(line for line in lines if mark.is_new(line))
            view.catch_up()
            drawn = asyncio.Event()
            app.call_after_refresh(drawn.set)
            await drawn.wait()
        return time.perf_counter() - begun
