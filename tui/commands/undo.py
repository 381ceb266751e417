"""`opsportal-tui undo`: takes a plan of the journal back, with the same care as any other."""

from __future__ import annotations

from tui.commands.applying import Options, act
from tui.target import Request


async def undo(request: Request, wanted: str, options: Options) -> int:
    """Plan the way back (of the newest plan where no id is given) and apply it; the exit code."""
    return await act(request, options, lambda session: session.undo(wanted))
