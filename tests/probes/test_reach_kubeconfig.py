"""Given a kubeconfig in some state, when the cluster is asked, one sentence says what to do."""

from __future__ import annotations

import asyncio
import base64
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from probes.model import Failure, FailureKind, ProbeError
from probes.profile import Profile
from probes.reach import open_reach
from probes.reach.credentials import load, tls_context
from tests import warm
from tests.probes.kubeconfigs import kubeconfig
from tests.waiting import until

SECRET = "s3cr3t-t0ken-value"
SERVER = "https://127.0.0.1:1"


@pytest.fixture
def cold() -> Iterator[None]:
    """The program as it is, in the process that the loading itself starts and ends."""
    with warm.program(warm.COLD):
        yield


async def refusal(profile: Profile) -> Failure:
    with pytest.raises(ProbeError) as failed:
        await load(profile)
    assert SECRET not in failed.value.failure.sentence
    assert failed.value.failure.kind is FailureKind.UNAVAILABLE
    return failed.value.failure


async def told(profile: Profile) -> str:
    return (await refusal(profile)).sentence


async def test_a_missing_file_is_named(tmp_path: Path) -> None:
    sentence = await told(Profile(kubeconfig=tmp_path / "nowhere"))
    assert f"there is no kubeconfig at {tmp_path}/nowhere" in sentence
    assert "KUBECONFIG" in sentence


@pytest.mark.usefixtures("cold")
async def test_the_dashboard_opens_and_every_call_then_says_why(tmp_path: Path) -> None:
    async with open_reach(Profile(kubeconfig=tmp_path / "nowhere")) as reach:
        for path in ("/api/v1/namespaces/x/pods", "/version"):
            with pytest.raises(ProbeError, match="there is no kubeconfig"):
                await reach.cluster.get(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"users:\n- name: x\n  user: {{token: {SECRET}\n", "not valid YAML (line"),
        ("", "no kubeconfig"),
        ("just words", "no kubeconfig"),
        ("[1, 2]", "no kubeconfig"),
        (f"users: [{{user: {{token: {SECRET}}}}}]", "an entry of `users` without a name"),
        ("{}", "no current context"),
        ("current-context: x", "there is no context x"),
        ("\x00", "not valid YAML"),
    ],
)
async def test_a_broken_file_is_told_without_its_content(
    tmp_path: Path, text: str, words: str
) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(text)
    sentence = await told(Profile(kubeconfig=path))
    assert words in sentence
    assert str(path) in sentence
    assert "\n" not in sentence


async def test_an_unknown_context_gets_the_nearest_and_the_list(tmp_path: Path) -> None:
    path = kubeconfig(tmp_path / "k", SERVER, context="wealist-prod")
    sentence = await told(Profile(kubeconfig=path, context="wealist-prd"))
    assert "there is no context wealist-prd" in sentence
    assert "did you mean wealist-prod?" in sentence
    assert "(contexts: wealist-prod)" in sentence


@pytest.mark.parametrize("server", ["", "not a url", "ftp://x"])
async def test_a_cluster_without_a_server_is_told(tmp_path: Path, server: str) -> None:
    path = kubeconfig(tmp_path / "k", server)
    assert "cluster c" in await told(Profile(kubeconfig=path))
    assert "has no server" in await told(Profile(kubeconfig=path))


async def test_a_certificate_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = kubeconfig(tmp_path / "k", SERVER, cluster={"certificate-authority": "/no/ca.pem"})
    assert "the file /no/ca.pem is not there" in await told(Profile(kubeconfig=path))


async def test_several_files_are_merged_and_the_first_current_context_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = kubeconfig(tmp_path / "one", "https://one:1", context="first", namespace=None)
    two = kubeconfig(tmp_path / "two", "https://two:2", context="second")
    paths = [tmp_path / "gone", one, two]
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join(map(str, paths)))
    assert (await load(Profile())).context == "first"
    assert (await load(Profile(context="second"))).namespace == "wealist-prod"
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "gone"))
    assert "there is no kubeconfig at" in await told(Profile())


async def test_a_token_file_and_a_basic_user_become_headers(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-a-file\n")
    path = kubeconfig(tmp_path / "k", SERVER, user={"tokenFile": "token"})
    found = await load(Profile(kubeconfig=path))
    assert found.authorization.get_secret_value() == "Bearer from-a-file"
    path = kubeconfig(tmp_path / "k", SERVER, user={"username": "u", "password": "p"})
    header = (await load(Profile(kubeconfig=path))).authorization.get_secret_value()
    assert header == "Basic " + base64.b64encode(b"u:p").decode()


async def test_credentials_do_not_show_in_their_repr(tmp_path: Path) -> None:
    path = kubeconfig(tmp_path / "k", SERVER, user={"token": SECRET})
    found = await load(Profile(kubeconfig=path))
    assert SECRET in found.authorization.get_secret_value()
    assert SECRET not in repr(found)


def plugin(tmp_path: Path, source: str) -> Mapping[str, Any]:
    """A user whose credentials come from a program written in Python."""
    program = tmp_path / "plugin.py"
    program.write_text(source)
    return {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": sys.executable,
            "args": [str(program)],
            "interactiveMode": "IfAvailable",
        }
    }


GIVES_TOKEN = """
import json, os, sys
assert sys.stdin.read() == "", "the plugin got at somebody's keys"
assert os.getsid(0) != int({session}), "the plugin is in the terminal's session"
assert json.loads(os.environ["KUBERNETES_EXEC_INFO"])["spec"]["interactive"] is False
status = {{"token": "from-the-plugin", "expirationTimestamp": "2099-01-01T00:00:00Z"}}
print(json.dumps({{"apiVersion": "client.authentication.k8s.io/v1",
                  "kind": "ExecCredential", "status": status}}))
"""


@pytest.mark.usefixtures("cold")
async def test_a_plugin_gives_a_token_and_cannot_reach_the_terminal(tmp_path: Path) -> None:
    source = GIVES_TOKEN.format(session=os.getsid(0))
    path = kubeconfig(tmp_path / "k", SERVER, user=plugin(tmp_path, source))
    found = await load(Profile(kubeconfig=path))
    assert found.authorization.get_secret_value() == "Bearer from-the-plugin"
    assert found.expires_at is not None
    assert not found.stale


@pytest.mark.usefixtures("cold")
async def test_a_plugin_that_is_not_installed_is_named(tmp_path: Path) -> None:
    user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "no-such-aws"}}
    path = kubeconfig(tmp_path / "k", SERVER, user=user)
    sentence = await told(Profile(kubeconfig=path))
    assert "no-such-aws" in sentence
    assert "not installed" in sentence


@pytest.mark.usefixtures("cold")
async def test_a_plugin_that_fails_is_quoted_safely(tmp_path: Path) -> None:
    source = "import sys; sys.exit('lots\\nof words\\n\\x1b[31mExpired SSO session')"
    path = kubeconfig(tmp_path / "k", SERVER, user=plugin(tmp_path, source))
    sentence = await told(Profile(kubeconfig=path))
    assert sentence.endswith("run it by hand: Expired SSO session")


@pytest.mark.slow
@pytest.mark.usefixtures("cold")
async def test_a_plugin_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    source = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(child.pid))\n"
        "time.sleep(600)\n"
    )
    path = kubeconfig(tmp_path / "k", SERVER, user=plugin(tmp_path, source))
    with pytest.raises(ProbeError, match="took more than 2 s to load"):
        await load(Profile(kubeconfig=path, context="prod"), limit_s=2)
    await until(lambda: gone(int((tmp_path / "pid").read_text())))


def gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][:1]
    except FileNotFoundError:
        return True
    return state == "Z"


@pytest.mark.usefixtures("cold")
async def test_nothing_of_a_load_stays_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr("tempfile.tempdir", None)
    data = base64.b64encode(b"-----BEGIN CERTIFICATE-----").decode()
    user = {"client-certificate-data": data, "client-key-data": data}
    path = kubeconfig(tmp_path / "k", SERVER, user=user)
    found = await load(Profile(kubeconfig=path))
    assert found.certificate.startswith("-----BEGIN")
    assert list(scratch.iterdir()) == []
    with pytest.raises(ProbeError, match="certificates of context prod are not usable"):
        tls_context(found)
    assert list(scratch.iterdir()) == []


@pytest.mark.usefixtures("cold")
async def test_loading_imports_nothing_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "yaml.py").write_text("raise SystemExit('imported from the working directory')")
    path = kubeconfig(tmp_path / "k", SERVER)
    monkeypatch.chdir(tmp_path)
    assert (await load(Profile(kubeconfig=path))).server == SERVER


async def test_the_client_library_is_not_imported_here() -> None:
    code = "import sys, probes.reach, probes.workload; print('kubernetes' in sys.modules)"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE
    )
    answer, _ = await asyncio.wait_for(process.communicate(), 20)
    assert answer.strip() == b"False"


@pytest.mark.slow
@pytest.mark.usefixtures("cold")
async def test_a_slow_plugin_is_waited_for_once_and_serves_the_next(tmp_path: Path) -> None:
    source = f"import time; time.sleep(1.2)\n{GIVES_TOKEN.format(session=os.getsid(0))}"
    path = kubeconfig(tmp_path / "k", SERVER, user=plugin(tmp_path, source))
    async with open_reach(Profile(kubeconfig=path, timeout_s=0.5)) as reach:
        with pytest.raises(ProbeError, match="were not loaded within"):
            await reach.cluster.ready()
        await reach.cluster.ready(10)
        assert reach.cluster.namespace == "wealist-prod"
