"""The logs of all pods of the workload: what they hold, and what they add."""

from probes.logs.probe import MOST_PODS, after, lines_of, observe, whole_lines
from probes.logs.tail import Tail

__all__ = ["MOST_PODS", "Tail", "after", "lines_of", "observe", "whole_lines"]
