"""Settings: helm parameters, shared configuration and shared secrets of the healthy world."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sandbox.inventory import ARGOCD_NAMESPACE, NAMESPACE

REGISTRY = "registry.example.com/prod"

PARAMETERS: dict[str, str] = {
    "image.repository": f"{REGISTRY}/ops-service",
    "image.tag": "135-bd070f7",
    "externalSecrets.enabled": "true",
    "config.DB_NAME": "ops_db",
    "config.ISTIO_JWT_MODE": "false",
    "config.PROMETHEUS_URL": (
        f"http://prometheus.{NAMESPACE}.svc.cluster.local:9090/api/monitoring/prometheus"
    ),
    "config.PROMETHEUS_NAMESPACE": NAMESPACE,
    "config.DB_AUTO_MIGRATE": "true",
    "config.LOKI_URL": f"http://loki.{NAMESPACE}.svc.cluster.local:3100",
    "config.LOKI_NAMESPACE": NAMESPACE,
}
"""Parameters of the Application ops-service-prod."""


@dataclass(frozen=True)
class Login:
    """The database's address and its administrator's password."""

    host: str
    port: int
    user: str
    password: str
    sslmode: str


def shared_config(login: Login) -> dict[str, str]:
    """ConfigMap wealist-shared-config; DB_AUTO_MIGRATE is off unless a service sets it."""
    return {
        "ENV": "production",
        "LOG_LEVEL": "info",
        "DB_PORT": str(login.port),
        "DB_USER": login.user,
        "DB_SSLMODE": login.sslmode,
        "DB_AUTO_MIGRATE": "false",
        "ISTIO_JWT_MODE": "true",
        "JWT_ISSUER": "wealist-auth-service",
        "AUTH_SERVICE_URL": f"http://auth-service.{NAMESPACE}.svc.cluster.local:8080",
        "USER_SERVICE_URL": f"http://user-service.{NAMESPACE}.svc.cluster.local:8081",
        "ARGOCD_SERVER_URL": f"http://argocd-server.{ARGOCD_NAMESPACE}.svc.cluster.local",
        "ARGOCD_NAMESPACE": ARGOCD_NAMESPACE,
        "K8S_IN_CLUSTER": "true",
        "RATE_LIMIT_ENABLED": "false",
        "RATE_LIMIT_PER_MINUTE": "1000",
        "RATE_LIMIT_BURST": "100",
        "CORS_ORIGINS": "https://wealist.co.kr",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://otel-collector.{NAMESPACE}.svc.cluster.local:4318",
        "DEPLOYMENT_ENV": "production",
    }


def shared_secret(login: Login) -> dict[str, str]:
    """Secret wealist-shared-secret, with secrets made up for this run."""
    return {
        "DB_HOST": login.host,
        "POSTGRES_HOST": login.host,
        "DB_USERNAME": login.user,
        "DB_PASSWORD": login.password,
        "REDIS_HOST": "wealist-prod-redis.example.com",
        "REDIS_PASSWORD": secrets.token_urlsafe(24),
        "JWT_SECRET": secrets.token_urlsafe(48),
        "INTERNAL_API_KEY": secrets.token_urlsafe(24),
    }
