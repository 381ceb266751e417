"""Explaining: an action that cannot run now is dimmed in the footer and says why when pressed."""

from __future__ import annotations

from textual.actions import ActionError, parse
from textual.app import App


class Explaining:
    """Mixed into widgets and screens before their base class."""

    def why_not(self, action: str) -> str:
        """Why the action cannot run now, in one sentence; empty where it can."""
        return ""

    def pointless(self, action: str) -> bool:
        """Whether the action has no meaning here, so that it is not even offered."""
        return False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """None dims the key in the footer, False hides it (Textual, `DOMNode.check_action`)."""
        if self.pointless(action):
            return False
        return None if self.why_not(action) else True


def reason(node: object, action: str) -> str:
    """Why the node's action (as a binding names it) cannot run now; empty where it can."""
    try:
        _, name, _ = parse(action)
    except ActionError:
        return ""
    return node.why_not(name) if isinstance(node, Explaining) else ""


def tell(app: App[None], why: str) -> None:
    """Say it, as text that is never markup."""
    app.notify(why, severity="warning", markup=False)
