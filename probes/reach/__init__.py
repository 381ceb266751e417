"""How probes get anywhere: direct, through the API server, or by a port-forward."""

from probes.reach.cluster import Cluster
from probes.reach.exchange import Body
from probes.reach.session import Landing, Reach, open_reach

__all__ = ["Body", "Cluster", "Landing", "Reach", "open_reach"]
