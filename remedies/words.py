"""The words of each remedy: its name, what it does in one sentence, and what it interrupts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from remedies.model import RemedyId


@dataclass(frozen=True, slots=True)
class RemedyWords:
    """`title` is a few words; `description` and `risk` are whole sentences."""

    title: str
    description: str
    risk: str


WORDS: Mapping[RemedyId, RemedyWords] = {
    RemedyId.DELIVER_ARGOCD_TOKEN: RemedyWords(
        "Deliver an Argo CD token",
        "Mints a token that may list applications, tries it, stores it where the pods read it, and "
        "restarts them; where a step fails, the token is revoked.",
        "Pods restart one after another; requests go on.",
    ),
    RemedyId.FORCE_SYNC_EXTERNALSECRET: RemedyWords(
        "Refresh an ExternalSecret now",
        "Asks External Secrets to read the provider again, and waits until it has, or tells why it "
        "could not.",
        "Nothing is interrupted; running pods keep the values they started with.",
    ),
    RemedyId.CREATE_EXTERNALSECRET: RemedyWords(
        "Create an ExternalSecret",
        "Has External Secrets bring a value of a remote secret into a Secret that the pods read.",
        "Nothing is interrupted; running pods keep the values they started with.",
    ),
    RemedyId.RENAME_CONSTRAINT: RemedyWords(
        "Rename a constraint for the migration",
        "Gives a hand-made unique constraint the name that the migration drops, after it has made "
        "the index that stays; then restarts the pods where their start migrates.",
        "New writes to the table wait for a moment, at most 3 s for a lock; pods restart one after "
        "another.",
    ),
    RemedyId.RESTART_WORKLOAD: RemedyWords(
        "Restart ops-service",
        "Replaces the pods, so that new ones read the ConfigMaps and Secrets as they are now, and "
        "waits until every one of them is ready.",
        "Pods restart one after another; a single pod without a successor is down until it is "
        "ready again.",
    ),
    RemedyId.IN_CLUSTER_CURL: RemedyWords(
        "Ask Prometheus from inside the cluster",
        "Runs curl in a small pod beside the portal's, at the address that the container has and "
        "at the one that serves, shows both answers, and deletes the pod.",
        "Nothing is interrupted; the pod lives for a minute at most.",
    ),
}
"""Beside the remedies of the registry; what `fix`, the dialogs and the documents say of each."""
