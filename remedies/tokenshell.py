"""What a person could paste instead of the steps with tokens.

The token is in a variable of that shell and goes on through pipes: never on a command line, where
`ps` would show it, and never in a file. (`printf` is the shell's own, and no process.)
"""

from __future__ import annotations

import json
import shlex

from probes.profile import Profile
from remedies.model import Bearer, ObjectRef
from remedies.shell import kubectl

TRY = 'ARGOCD_AUTH_TOKEN="$ARGOCD_TOKEN" argocd app list -o name'

_GIVEN = 'printf %s "$ARGOCD_TOKEN"'
_EMPTY = "printf '{}'"
_STDIN = "/dev/stdin"
_AWS = ("aws", "secretsmanager")
_ROLE = ("argocd", "proj", "role")
_ACCOUNT = ("argocd", "account")


def mint(bearer: Bearer, id: str, lifetime_s: int) -> str:
    """Mint a token into the variable."""
    words = [*_ROLE, "create-token", bearer.project, bearer.role, "--token-only"]
    if bearer.account:
        words = [*_ACCOUNT, "generate-token", "--account", bearer.account]
    ends = f"{lifetime_s // 3600}h" if lifetime_s else "0s"
    return f"ARGOCD_TOKEN=$({shlex.join([*words, '--id', id, '--expires-in', ends])})"


def revoke(bearer: Bearer, id: str) -> str:
    """Revoke the token of that id; a role's is named by when it was issued."""
    if bearer.account:
        return shlex.join((*_ACCOUNT, "delete-token", "--account", bearer.account, id))
    pair = (bearer.project, bearer.role)
    listing = shlex.join((*_ROLE, "list-tokens", *pair, "--unixtime"))
    pick = shlex.quote(f"$1 == {json.dumps(id)} {{ print $2 }}")
    return f'{shlex.join((*_ROLE, "delete-token", *pair))} "$({listing} | awk {pick})"'


def known(bearer: Bearer) -> str:
    """List the bearer's tokens: their ids and times, never themselves."""
    if bearer.account:
        return shlex.join((*_ACCOUNT, "get", "--account", bearer.account))
    return shlex.join((*_ROLE, "list-tokens", bearer.project, bearer.role))


def create(profile: Profile, secret: ObjectRef, key: str) -> str:
    """Make a Secret that holds the token."""
    words = ("create", "secret", "generic", secret.name, f"--from-file={key}={_STDIN}")
    return f"{_GIVEN} | {kubectl(profile, secret.namespace, *words)}"


def patch(profile: Profile, secret: ObjectRef, key: str) -> str:
    """Put the token into a Secret that is there."""
    form = shlex.quote(json.dumps({"data": {key: "%s"}}))
    encoded = f"\"$({_GIVEN} | base64 | tr -d '\\n')\""
    words = ("patch", "secret", secret.name, "--patch-file", _STDIN)
    return f"printf {form} {encoded} | {kubectl(profile, secret.namespace, *words)}"


def take(profile: Profile, secret: ObjectRef, key: str) -> str:
    """Take the key out of the Secret."""
    removed = json.dumps([{"op": "remove", "path": f"/data/{key}"}])
    words = ("patch", "secret", secret.name, "--type=json", "-p", removed)
    return kubectl(profile, secret.namespace, *words)


def put_aws(remote: str, part: str, version: str) -> str:
    """Store the token in AWS; with a property, beside the others."""
    new = ("put-secret-value", "--secret-id") if version else ("create-secret", "--name")
    write = shlex.join((*_AWS, *new, remote, "--secret-string", f"file://{_STDIN}"))
    if not part:
        return f"{_GIVEN} | {write}"
    query = ("--query", "SecretString", "--output", "text")
    read = shlex.join((*_AWS, "get-secret-value", "--secret-id", remote, *query))
    change = f'TOKEN="$ARGOCD_TOKEN" jq -c {shlex.quote(f".[{json.dumps(part)}] = env.TOKEN")}'
    return f"{read if version else _EMPTY} | {change} | {write}"


def restore_aws(remote: str, version: str, new: str) -> str:
    """Make the version before the current one again; with none before, delete the secret."""
    words: tuple[str, ...] = ("delete-secret", "--secret-id", remote)
    if version:
        stage = ("--version-stage", "AWSCURRENT", "--move-to-version-id", version)
        words = ("update-secret-version-stage", "--secret-id", remote, *stage)
        words += ("--remove-from-version-id", new)
    return shlex.join((*_AWS, *words))
