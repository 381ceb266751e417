"""Inventory: the objects of the healthy cluster, as production has them."""

from __future__ import annotations

NAMESPACE = "wealist-prod"
ARGOCD_NAMESPACE = "argocd"
