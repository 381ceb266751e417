"""Login: a connection to the database that ops-service uses, with its own address and password."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import SecretStr

from probes.budget import Budget
from probes.database.dial import ERRORS, Connection, dial, failure_of
from probes.model import (
    DsnSeen,
    EnvironmentSeen,
    Failure,
    FailureKind,
    ProbeError,
    WorkloadSeen,
)
from probes.opsservice import OpsConfig
from probes.reach import Landing, Reach

_CLOSING_S = 0.5


@dataclass(frozen=True, slots=True)
class Login:
    """An open connection, and what it takes to tell its failures without the password."""

    connection: Connection
    dsn: DsnSeen
    password: SecretStr = field(repr=False)
    landing: Landing

    def failure(self, error: BaseException, asked: str) -> Failure:
        """The typed failure of one question; `asked` names it."""
        return failure_of(error, self.dsn, self.password, self.landing.route, asked=asked)

    async def close(self) -> None:
        """Say goodbye, or drop the connection where even that takes too long."""
        try:
            await self.connection.close(timeout=_CLOSING_S)
        except ERRORS:
            self.connection.terminate()


async def log_in(reach: Reach, config: OpsConfig, budget: Budget) -> Login:
    """Connect as ops-service does; whoever asks for it closes it. Raises ProbeError."""
    dsn, password = config.dsn, config.db_password
    landing = await reach.tcp(dsn.host, dsn.port, timeout_s=budget.left())
    return Login(await dial(dsn, password, landing, budget.left()), dsn, password, landing)


def refuse_guesses(workload: WorkloadSeen) -> None:
    """Raises ProbeError where address or password are in something that could not be read.

    Nothing is asked of a database that ops-service does not use.
    """
    environment = workload.environment
    if not isinstance(environment, EnvironmentSeen) or environment.complete:
        return
    by_url = environment.get("DATABASE_URL") is not None
    for name in () if by_url else ("DB_HOST", "DB_PASSWORD"):
        if environment.get(name) is None:
            why = next((one.sentence for one in environment.failures()), "it could not be read")
            raise ProbeError(
                Failure(FailureKind.UNAVAILABLE, f"not asked: {name} is not known ({why})")
            )
