"""The database source: `observe()` connects as ops-service does and reads the catalog."""

from probes.database.probe import observe

__all__ = ["observe"]
