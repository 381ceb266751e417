"""`python -m benchmarks [QUESTION …]`: runs all questions, or those that are named."""

from __future__ import annotations

import sys

from benchmarks import event_loop, first_paint, logs, terminal_bytes
from benchmarks.measuring import Measure

QUESTIONS: dict[str, Measure] = {
    "first-paint": first_paint.measure,
    "terminal-bytes": terminal_bytes.measure,
    "event-loop": event_loop.measure,
    "logs": logs.measure,
}


def main(wanted: list[str]) -> int:
    """Prints each figure as soon as it is known."""
    unknown = [name for name in wanted if name not in QUESTIONS]
    if unknown:
        print(f"no such question: {', '.join(unknown)}; there are {', '.join(QUESTIONS)}")
        return 2
    for name in wanted or QUESTIONS:
        print(name)
        for figure in QUESTIONS[name]():
            print(figure.told(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
