"""Applications of Argo CD: `observe()` sees ops-service's, `detail()` any of them on demand."""

from probes.application.detail import detail
from probes.application.finding import observe
from probes.application.owner import owner_of

__all__ = ["detail", "observe", "owner_of"]
