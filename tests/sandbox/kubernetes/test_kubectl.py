"""The real kubectl against the stand-in: what an operator types works here too."""

from __future__ import annotations

import asyncio
import json
import os
import re
from pathlib import Path

import pytest

from .conftest import Cluster

pytestmark = [pytest.mark.needs_kubectl, pytest.mark.slow]

_TIMEOUT_S = 30


class Kubectl:
    """kubectl with the sandbox's kubeconfig and a home of its own."""

    def __init__(self, cluster: Cluster, home: Path) -> None:
        self._options = (f"--kubeconfig={cluster.kubeconfig}", f"--cache-dir={home / 'cache'}")
        self._env = {"PATH": os.environ["PATH"], "HOME": str(home)}

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            "kubectl",
            *self._options,
            *arguments,
            env=self._env,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def run(self, *arguments: str, code: int = 0, stdin: str = "") -> str:
        """Its output, and its errors when it is meant to fail."""
        process = await self.start(*arguments)
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                out, err = await process.communicate(stdin.encode())
        except TimeoutError:
            process.kill()
            await process.wait()
            raise
        assert process.returncode == code, err.decode()
        return (out if code == 0 else err).decode()


@pytest.fixture
def kubectl(cluster: Cluster, tmp_path: Path) -> Kubectl:
    return Kubectl(cluster, tmp_path)


def _event(cluster: Cluster) -> None:
    pod = cluster.store.get("Pod", "shop", "web-1")["metadata"]
    about = {"kind": "Pod", "name": "web-1", "namespace": "shop", "uid": pod["uid"]}
    cluster.store.create(
        {
            "kind": "Event",
            "metadata": {"name": "web-1.1", "namespace": "shop"},
            "type": "Warning",
            "reason": "Unhealthy",
            "message": "Readiness probe failed",
            "count": 1,
            "lastTimestamp": cluster.store.now(),
            "source": {"component": "kubelet"},
            "involvedObject": about,
        }
    )


async def test_get_and_describe(cluster: Cluster, kubectl: Kubectl) -> None:
    _event(cluster)
    pods = (await kubectl.run("get", "pods")).splitlines()
    assert pods[0].split() == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    assert pods[1].split()[:4] == ["web-1", "1/1", "Running", "0"]
    wide = await kubectl.run("get", "pods", "-o", "wide", "-l", "app=web")
    assert "10.0.1.7" in wide
    assert "node-1" in wide
    described = await kubectl.run("describe", "pod", "web-1")
    assert "Readiness probe failed" in described
    assert "web:1" in described
    assert "Readiness probe failed" in await kubectl.run("get", "events")
    assert "StrategyType:" in await kubectl.run("describe", "deployment", "web")
    apps = await kubectl.run("get", "applications", "-n", "argocd")
    assert apps.split("\n")[0].split() == ["NAME", "SYNC", "STATUS", "HEALTH", "STATUS"]
    yaml = await kubectl.run("get", "applications", "-n", "argocd", "-o", "yaml")
    assert "name: config.A" in yaml


async def test_errors_read_as_a_real_cluster_s(kubectl: Kubectl) -> None:
    missing = await kubectl.run("get", "pod", "nope", code=1)
    assert missing == 'Error from server (NotFound): pods "nope" not found\n'
    denied = await kubectl.run("--context=viewer", "get", "secrets", code=1)
    assert denied == (
        'Error from server (Forbidden): secrets is forbidden: User "viewer" cannot list '
        'resource "secrets" in API group "" in the namespace "shop"\n'
    )
    unknown = await kubectl.run("get", "nope", code=1)
    assert 'the server doesn\'t have a resource type "nope"' in unknown


async def test_logs_and_logs_that_follow(cluster: Cluster, kubectl: Kubectl) -> None:
    buffer = cluster.logs.open("shop", "web-1", "web")
    buffer.append("one\ntwo")
    assert await kubectl.run("logs", "web-1", "--tail=1") == "two\n"
    process = await kubectl.start("logs", "-f", "web-1")
    assert process.stdout is not None
    async with asyncio.timeout(_TIMEOUT_S):
        assert await process.stdout.readline() == b"one\n"
        buffer.append("three")
        buffer.close()
        out, _err = await process.communicate()
    assert (out, process.returncode) == (b"two\nthree\n", 0)


async def test_patches(cluster: Cluster, kubectl: Kubectl) -> None:
    path = "/spec/source/helm/parameters/0/value"
    operations = [
        {"op": "test", "path": path, "value": "old"},
        {"op": "replace", "path": path, "value": "new"},
    ]
    command = ("patch", "application", "web-prod", "-n", "argocd", "--type=json")
    await kubectl.run(*command, f"--patch={json.dumps(operations)}")
    spec = cluster.store.get("Application", "argocd", "web-prod")["spec"]
    assert spec["source"]["helm"]["parameters"][0] == {"name": "config.A", "value": "new"}
    again = await kubectl.run(*command, f"--patch={json.dumps(operations)}", code=1)
    assert "The request is invalid" in again
    merge = json.dumps({"spec": {"project": "other"}})
    await kubectl.run(*command[:-1], "--type=merge", f"--patch={merge}")
    spec = cluster.store.get("Application", "argocd", "web-prod")["spec"]
    assert spec["project"] == "other"


async def test_restart_scale_set_env_and_delete(cluster: Cluster, kubectl: Kubectl) -> None:
    await kubectl.run("rollout", "restart", "deploy/web")
    await kubectl.run("scale", "deploy/web", "--replicas=3")
    await kubectl.run("set", "env", "deploy/web", "LEVEL=debug")
    obj = cluster.store.get("Deployment", "shop", "web")
    template = obj["spec"]["template"]
    assert "kubectl.kubernetes.io/restartedAt" in template["metadata"]["annotations"]
    assert obj["spec"]["replicas"] == 3
    assert {"name": "LEVEL", "value": "debug"} in template["spec"]["containers"][0]["env"]
    assert {"name": "MODE", "value": "a"} in template["spec"]["containers"][0]["env"]
    assert "deleted" in await kubectl.run("delete", "pod", "web-1")
    assert cluster.store.find("Pod", "shop", "web-1") is None


async def test_auth_can_i(kubectl: Kubectl) -> None:
    assert await kubectl.run("auth", "can-i", "list", "pods") == "yes\n"
    viewer = "--context=viewer"
    assert await kubectl.run(viewer, "auth", "can-i", "get", "pods") == "yes\n"
    await kubectl.run(viewer, "auth", "can-i", "delete", "pods", code=1)
    listed = await kubectl.run(viewer, "auth", "can-i", "--list")
    assert "[get list watch]" in listed
    assert "viewer" in await kubectl.run(viewer, "auth", "whoami")


async def test_create_and_apply(cluster: Cluster, kubectl: Kubectl) -> None:
    await kubectl.run("create", "secret", "generic", "s", "--from-literal=TOKEN=abc")
    assert cluster.store.get("Secret", "shop", "s")["data"] == {"TOKEN": "YWJj"}
    await kubectl.run("create", "configmap", "c", "--from-literal=a=b")
    assert cluster.store.get("ConfigMap", "shop", "c")["data"] == {"a": "b"}
    manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "d"}}
    for value in ("1", "2"):
        text = json.dumps(manifest | {"data": {"a": value}})
        await kubectl.run("apply", "-f", "-", stdin=text)
        assert cluster.store.get("ConfigMap", "shop", "d")["data"] == {"a": value}


async def test_watching_pods(cluster: Cluster, kubectl: Kubectl) -> None:
    process = await kubectl.start("get", "pods", "-w")
    assert process.stdout is not None
    async with asyncio.timeout(_TIMEOUT_S):
        await process.stdout.readline()
        assert (await process.stdout.readline()).startswith(b"web-1")

        def fail(obj: dict[str, dict[str, str]]) -> None:
            obj["status"]["reason"] = "Evicted"

        cluster.store.change("Pod", "shop", "web-1", fail)
        assert b"web-1" in await process.stdout.readline()
        process.terminate()
        await process.communicate()


async def test_port_forward(cluster: Cluster, kubectl: Kubectl, echo: int) -> None:
    """Connection after connection, two at once, and one that nobody answers."""
    forwarding = await kubectl.start("port-forward", "pod/web-1", ":5432", ":81")
    try:
        good, bad = [await _forwarded(forwarding) for _ in range(2)]
        for _ in range(2):
            both = await asyncio.gather(*(_said(good, one) for one in (b"one" * 50_000, b"two")))
            assert both == [b"ONE" * 50_000, b"TWO"]
        assert await _said(bad, b"x") == b""
        assert forwarding.stderr is not None
        async with asyncio.timeout(_TIMEOUT_S):
            assert b"connect: connection refused" in await forwarding.stderr.readline()
    finally:
        forwarding.terminate()
        await forwarding.communicate()  # to the end of its pipes, which closes them


async def _forwarded(forwarding: asyncio.subprocess.Process) -> int:
    """The local port of the next line of `Forwarding from 127.0.0.1:N -> M`."""
    assert forwarding.stdout is not None
    async with asyncio.timeout(_TIMEOUT_S):
        while line := await forwarding.stdout.readline():
            found = re.match(rb"Forwarding from 127\.0\.0\.1:(\d+)", line)
            if found:
                return int(found[1])
    assert forwarding.stderr is not None
    raise AssertionError(await forwarding.stderr.read())


async def _said(port: int, words: bytes) -> bytes:
    """What comes back for the words until the other end has nothing more to say."""
    async with asyncio.timeout(_TIMEOUT_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(words)
            writer.write_eof()
            return await reader.read()
        except ConnectionError:
            return b""
        finally:
            writer.close()
