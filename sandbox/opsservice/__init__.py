"""ops-service: a stand-in that behaves and logs like the real Go service, failures included."""

from sandbox.opsservice.exit import ContainerExit
from sandbox.opsservice.past import backdate
from sandbox.opsservice.service import OpsService

__all__ = ["ContainerExit", "OpsService", "backdate"]
