"""The Argo CD source: `observe()` tries the server and the token that ops-service has."""

from probes.argocd.probe import observe

__all__ = ["observe"]
