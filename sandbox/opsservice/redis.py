"""Redis at start: one PING; without it the service has no rate limit (`database/redis.go`)."""

from __future__ import annotations

import asyncio
from datetime import datetime

from sandbox.network import Network
from sandbox.opsservice.config import OpsConfig
from sandbox.opsservice.zaplog import Site, ZapLogger, main

_TIMEOUT_S = 5.0
_GO = "ops-service/internal/database.InitRedis"
_FAILED = Site("database/redis.go:47", _GO)
_CONNECTED = Site("database/redis.go:52", _GO)


async def init_redis(config: OpsConfig, network: Network, log: ZapLogger, now: datetime) -> None:
    """Logs how the PING went. The client speaks plain TCP only, so TLS servers never answer."""
    problem = await _ping(config, network)
    if problem:
        log.plain(
            f"redis: {now:%Y/%m/%d %H:%M:%S} pool.go:590: redis: connection pool:"
            f" failed to dial after 5 attempts: {problem}"
        )
        log.warn(_FAILED, "Redis connection failed", {"error": problem})
        message = "Failed to initialize Redis, rate limiting will be disabled"
        log.warn(main(131), message, {"error": problem})
        return
    fields = {"host": config.redis_host, "port": config.redis_port, "db": 0}
    log.info(_CONNECTED, "Redis connected successfully", fields)
    log.info(main(141), "Redis OpenTelemetry tracing enabled")


async def _ping(config: OpsConfig, network: Network) -> str:
    """Why there is no Redis, or nothing."""
    if not config.redis_port.isdecimal():
        return f"dial tcp: lookup tcp/{config.redis_port}: unknown port"
    host, port = config.redis_host, int(config.redis_port)
    address = network.address_of(host, port)
    if address is None:
        return network.dial_error(host, port)
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            reader, writer = await asyncio.open_connection(*address)
            try:
                writer.write(b"*1\r\n$4\r\nPING\r\n")
                answer = await reader.readline()
            finally:
                writer.close()
    except TimeoutError:
        return "context deadline exceeded"
    except OSError:
        return network.dial_error(host, port)
    return "" if answer.startswith((b"+PONG", b"-NOAUTH")) else "EOF"
