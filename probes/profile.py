"""Profile: the typed configuration of one target. Reading files is tui's business."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Profile(BaseModel):
    """What to look at. Every field has a default: a kubeconfig and a namespace are enough."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = "default"
    """The profile's name, as `--profile` takes it and as the screen shows it."""

    kubeconfig: Path | None = None
    """Path of the kubeconfig; by default `$KUBECONFIG`, else `~/.kube/config`, else in-cluster."""

    context: str | None = None
    """Context of the kubeconfig; by default its current one."""

    namespace: str | None = None
    """Namespace of ops-service; by default the context's, else `default`."""

    workload: str = "ops-service"
    """Name of the Deployment or Argo Rollout; also its label `app.kubernetes.io/name`."""

    container: str = "ops-service"
    """The container of that workload whose environment and logs are read."""

    application: str | None = None
    """Name of the Argo CD Application; by default found from the workload's tracking."""

    argocd_namespace: str | None = None
    """Namespace of the Applications; by default the workload's ARGOCD_NAMESPACE, else `argocd`."""

    argocd_url: str | None = None
    """Base URL of Argo CD, where your own token goes; by default only where that is proven."""

    portal_url: str | None = None
    """Base URL of the portal's API as seen from here (`https://api.example.com/api/ops`)."""

    token_command: tuple[str, ...] | None = None
    """Command that prints a portal user's access token; `OPSPORTAL_TOKEN` comes first."""

    argocd_token_command: tuple[str, ...] | None = None
    """Command that prints your own Argo CD token, to mint with; `ARGOCD_AUTH_TOKEN` comes first."""

    token_store: Literal["secret", "aws"] = "secret"
    """Where a new token is stored: a Secret of the pods (`secret`), or AWS and External Secrets."""

    token_aws_secret: str = "wealist/prod/ops-service"
    """Name of the secret in AWS Secrets Manager, a JSON object."""

    token_aws_property: str = "argocd_token"
    """Property of that object that holds the token."""

    git_clone: Path | None = None
    """Local clone of the repository of the Applications: the durable fix is offered as a commit."""

    allow_actions: bool = False
    """Whether remedies may be applied here; without it the program only reads."""

    timeout_s: float = Field(default=5.0, gt=0, le=300)
    """Time limit of each probe, in seconds."""

    interval_s: float = Field(default=15.0, ge=5, le=3600)
    """Time between two sweeps, in seconds; never under 5, so that the API server stays calm."""
