"""The logs of all pods of the workload: what they hold, and what they add."""

from probes.logs.lines import after, lines_of, whole_lines
from probes.logs.probe import MOST_PODS, LogReader
from probes.logs.tail import Tail

__all__ = ["MOST_PODS", "LogReader", "Tail", "after", "lines_of", "whole_lines"]
