"""Which remedies mend which cause, by their ids: what is judged knows of acting no more than that.

The registry of `remedies` says the same; a test keeps them equal.
"""

from __future__ import annotations

from collections.abc import Mapping

from probes.model.ids import CauseId

REMEDIES_OF: Mapping[CauseId, tuple[str, ...]] = {}
"""The ids of the remedies of a cause, the one to try first at the head."""
