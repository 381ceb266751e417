"""The Argo CD stand-in: its API, its tokens, and a controller that really moves values."""

from __future__ import annotations

from sandbox.argocd import chart as chart
from sandbox.argocd.install import install as install
from sandbox.argocd.instance import ArgoCD as ArgoCD
