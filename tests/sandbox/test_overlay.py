"""What a scenario says of single objects, and what it changes once the pods have started."""

from __future__ import annotations

import base64

from sandbox import overlay
from sandbox.inventory import ARGOCD_NAMESPACE, NAMESPACE, secrets
from sandbox.kubernetes.store import Obj, Store
from sandbox.remotekeys import RemoteKeys
from sandbox.scenario import Change, Keys, ObjectOverlay


def _store() -> Store:
    store = Store()
    parameters = [
        {"name": "image.tag", "value": "1"},
        {"name": "config.PROMETHEUS_URL", "value": "http://old", "forceString": True},
        {"name": "config.LOKI_URL", "value": "http://loki"},
    ]
    store.create(
        {
            "kind": "Application",
            "metadata": {"name": overlay.APPLICATION, "namespace": ARGOCD_NAMESPACE},
            "spec": {"source": {"helm": {"parameters": parameters}}},
        }
    )
    metadata = {"name": overlay.SHARED_CONFIG, "namespace": NAMESPACE}
    store.create({"kind": "ConfigMap", "metadata": metadata, "data": {"A": "1", "B": "1"}})
    return store


def _committing(store: Store) -> overlay.Commit:
    """Git and the cluster as one."""
    homes = {"Application": ARGOCD_NAMESPACE, "ConfigMap": NAMESPACE}
    return lambda kind, name, mutate: store.change(kind, homes[kind], name, mutate)


def test_a_change_keeps_what_it_does_not_name() -> None:
    store, remote = _store(), RemoteKeys()
    secrets.external(store, remote, overlay.SHARED_SECRET, {"P": "old", "Q": "kept"})
    after = Change(
        helm=Keys(set={"config.PROMETHEUS_URL": "http://new"}, unset=("config.LOKI_URL",)),
        shared_config=Keys(set={"B": "2"}),
        shared_secret=Keys(set={"P": "new"}),
    )
    overlay.change(store, _committing(store), remote, after)
    application = store.get("Application", ARGOCD_NAMESPACE, overlay.APPLICATION)
    assert application["spec"]["source"]["helm"]["parameters"] == [
        {"name": "image.tag", "value": "1"},
        {"name": "config.PROMETHEUS_URL", "value": "http://new", "forceString": True},
    ]
    shared = store.get("ConfigMap", NAMESPACE, overlay.SHARED_CONFIG)
    assert shared["data"] == {"A": "1", "B": "2"}
    secret: Obj = store.get("Secret", NAMESPACE, overlay.SHARED_SECRET)
    assert {key: base64.b64decode(value) for key, value in secret["data"].items()} == {
        "P": b"new",
        "Q": b"kept",
    }


def test_no_change_writes_nothing() -> None:
    store = _store()
    version = store.version
    overlay.change(store, _committing(store), RemoteKeys(), Change())
    assert store.version == version


def test_an_object_is_patched_made_or_taken_away() -> None:
    store = _store()
    overlay.objects(
        store,
        [
            ObjectOverlay(
                kind="ConfigMap",
                namespace=NAMESPACE,
                name=overlay.SHARED_CONFIG,
                merge={"data": {"A": None, "C": "3"}},
            ),
            ObjectOverlay(
                kind="ConfigMap", namespace=NAMESPACE, name="more", merge={"data": {"X": "1"}}
            ),
            ObjectOverlay(
                kind="Secret", namespace=NAMESPACE, name=overlay.SHARED_SECRET, absent=True
            ),
        ],
    )
    shared = store.get("ConfigMap", NAMESPACE, overlay.SHARED_CONFIG)
    assert shared["data"] == {"B": "1", "C": "3"}
    assert store.get("ConfigMap", NAMESPACE, "more")["data"] == {"X": "1"}
    assert store.find("Secret", NAMESPACE, overlay.SHARED_SECRET) is None
