"""What goes wrong with the sandbox itself, in one sentence for a person."""

from __future__ import annotations


class SandboxError(Exception):
    """The sandbox cannot do what was asked; the text is the sentence to show."""
