"""tmux of our own: a shell in a pane whose screen is read and whose keys are pressed by tests."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType

LIMIT_S = 60.0
_COMMAND_S = 10.0
_POLL_S = 0.05
_PROMPT = "ready$"


class TmuxSession:
    """One pane of the given size (columns, rows), in a tmux server that nobody else uses.

    The folder must have a short path: a socket's may hold about 100 characters.
    """

    def __init__(
        self,
        folder: Path,
        environ: Mapping[str, str],
        *,
        size: tuple[int, int] = (120, 36),
        terminal: str = "screen-256color",
    ) -> None:
        self._socket = folder / "tmux"
        profile = folder / "shrc"  # read by an interactive sh; root's dash heeds no PS1 of ours
        profile.write_text(f"PS1='{_PROMPT} '\n")
        self._environ = {**environ, "ENV": str(profile)}
        width, height = map(str, size)
        self._tmux(
            *("start-server", ";", "set", "-g", "default-terminal", terminal),
            *(";", "set", "-g", "set-clipboard", "on"),
            *(";", "new-session", "-d", "-x", width, "-y", height, "sh"),
        )

    def __enter__(self) -> TmuxSession:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Ends the server; what runs in the pane is hung up."""
        with suppress(subprocess.CalledProcessError):  # the last pane may have ended by itself
            self._tmux("kill-server")

    def run(self, command: str) -> None:
        """Types a command line where the shell waits for one, and Enter."""
        self.until_true(lambda screen: screen.rstrip().endswith(_PROMPT), "the shell's prompt")
        self.type(command)
        self.press("Enter")

    def type(self, text: str) -> None:
        """Types the text as it stands."""
        self._tmux("send-keys", "-l", text)

    def press(self, *keys: str) -> None:
        """Presses keys by tmux's names: `Enter`, `Escape`, `Down`, `C-c`, `q`."""
        self._tmux("send-keys", *keys)

    def screen(self) -> str:
        """What a person sees now."""
        return self._tmux("capture-pane", "-p")

    def until(self, *texts: str) -> str:
        """The screen once all these texts stand on it."""
        return self.until_true(lambda screen: all(text in screen for text in texts), repr(texts))

    def until_gone(self, text: str) -> str:
        """The screen once the text stands on it no more."""
        return self.until_true(lambda screen: text not in screen, f"no {text!r}")

    def until_true(self, holds: Callable[[str], bool], what: str) -> str:
        """The screen once it is as wanted; fails past the time limit, showing the last one."""
        deadline = time.monotonic() + LIMIT_S
        while not holds(screen := self.screen()):
            assert time.monotonic() < deadline, f"the screen never showed {what}:\n{screen}"
            time.sleep(_POLL_S)
        return screen

    def resize(self, width: int, height: int) -> None:
        """Gives the pane another size."""
        self._tmux("resize-window", "-x", str(width), "-y", str(height))

    def told(self, name: str) -> str:
        """One of tmux's format variables, such as `cursor_flag`."""
        return self._tmux("display-message", "-p", f"#{{{name}}}").strip()

    def copied(self) -> str | None:
        """What the program in the pane has copied last (OSC 52), or None."""
        try:
            return self._tmux("show-buffer")
        except subprocess.CalledProcessError:
            return None

    def _tmux(self, *words: str) -> str:
        done = subprocess.run(
            ["tmux", "-u", "-S", self._socket, "-f", os.devnull, *words],
            env=self._environ,
            capture_output=True,
            text=True,
            timeout=_COMMAND_S,
            check=True,
        )
        return done.stdout
