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


_RESTARTS = (
    "Pods restart one after another; requests go on. Where another Application heals this one, it "
    "takes the change back within seconds: then only the change in Git lasts."
)

WORDS: Mapping[RemedyId, RemedyWords] = {
    RemedyId.SET_PROMETHEUS_URL: RemedyWords(
        "Correct PROMETHEUS_URL",
        "Sets the helm parameter of the Application to the address at which Prometheus was seen to "
        "answer, has it synced, and waits for new pods.",
        _RESTARTS,
    ),
    RemedyId.SET_PROMETHEUS_NAMESPACE: RemedyWords(
        "Correct PROMETHEUS_NAMESPACE",
        "Sets the helm parameter of the Application to the namespace that the metrics have, has it "
        "synced, and waits for new pods.",
        _RESTARTS,
    ),
    RemedyId.SET_LOKI_URL: RemedyWords(
        "Correct LOKI_URL",
        "Sets the helm parameter of the Application to Loki's address without a path, has it "
        "synced, and waits for new pods.",
        _RESTARTS,
    ),
    RemedyId.ENABLE_AUTO_MIGRATE: RemedyWords(
        "Switch the migration on",
        "Sets the helm parameter of DB_AUTO_MIGRATE to the word `true`, has it synced, and waits "
        "for new pods, which migrate their database when they start.",
        _RESTARTS,
    ),
    RemedyId.SYNC_APPLICATION: RemedyWords(
        "Sync the Application",
        "Has Argo CD make the cluster what Git and the Application say, and waits until it has.",
        "What was changed live becomes as Git has it; pods may restart one after another.",
    ),
    RemedyId.REFRESH_APPLICATION: RemedyWords(
        "Compare the Application with Git anew",
        "Asks for a hard refresh, which makes the manifests again without any cache, and waits "
        "until it is done.",
        "Nothing is interrupted by the comparison itself; with auto-sync on, a sync may follow.",
    ),
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

WAYS: Mapping[str, str] = {
    "live": "live",
    "clone": "as a commit in {clone}",
    "save": "saved for Git as {file}",
    "lifetime": "good for {lifetime}",
    "unlimited": "good without end",
}
"""The ways to have a remedy done, as they follow its name where a person chooses."""

NOT_KEPT = (
    "the token that stood there before is kept nowhere, so that an undo leaves none until another "
    "is delivered"
)
"""A step that fails in this very run still puts it back: until the end it is in our memory."""
