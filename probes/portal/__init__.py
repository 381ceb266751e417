"""The portal source: `observe()` asks the portal's API, or works out what it shows."""

from probes.portal.probe import observe

__all__ = ["observe"]
