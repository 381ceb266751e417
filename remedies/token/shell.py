"""What a person could paste instead of the steps with tokens.

The token is in a variable of that shell and goes on through pipes: never on a command line, where
`ps` would show it, and never in a file. (`printf` is the shell's own, and no process.)
"""

from __future__ import annotations

import json
import shlex

from probes.profile import Profile
from remedies.model import ArgoServer, Bearer, ObjectRef
from remedies.shell import argocd, kubectl

_GIVEN = 'printf %s "$ARGOCD_TOKEN"'
_EMPTY = "printf '{}'"
_STDIN = "/dev/stdin"
_AWS = ("aws", "secretsmanager")
_ROLE = ("proj", "role")


class Tokens:
    """Commands for the tokens of one Argo CD."""

    def __init__(self, profile: Profile, server: ArgoServer) -> None:
        self._profile = profile
        self._server = server

    def _argocd(self, *words: str) -> str:
        return argocd(self._profile, self._server, *words)

    def mint(self, bearer: Bearer, id: str, lifetime_s: int) -> str:
        """Mint a token into the variable."""
        words = [*_ROLE, "create-token", bearer.project, bearer.role, "--token-only"]
        if bearer.account:
            words = ["account", "generate-token", "--account", bearer.account]
        ends = f"{lifetime_s // 3600}h" if lifetime_s else "0s"
        return f"ARGOCD_TOKEN=$({self._argocd(*words, '--id', id, '--expires-in', ends)})"

    def revoke(self, bearer: Bearer, id: str) -> str:
        """Revoke the token of that id; a role's is named by when it was issued."""
        if bearer.account:
            return self._argocd("account", "delete-token", "--account", bearer.account, id)
        pair = (bearer.project, bearer.role)
        listing = self._argocd(*_ROLE, "list-tokens", *pair, "--unixtime")
        pick = shlex.quote(f"$1 == {json.dumps(id)} {{ print $2 }}")
        return f'{self._argocd(*_ROLE, "delete-token", *pair)} "$({listing} | awk {pick})"'

    def known(self, bearer: Bearer) -> str:
        """List the bearer's tokens: their ids and times, never themselves."""
        if bearer.account:
            return self._argocd("account", "get", "--account", bearer.account)
        return self._argocd(*_ROLE, "list-tokens", bearer.project, bearer.role)

    def try_it(self) -> str:
        """List applications with the new token."""
        return f'ARGOCD_AUTH_TOKEN="$ARGOCD_TOKEN" {self._argocd("app", "list", "-o", "name")}'

    def make_role(self, project: str, role: str) -> tuple[str, str]:
        """Make a role, and let it get every application of its project."""
        rights = ("--action", "get", "--permission", "allow", "--object", "*")
        return (
            self._argocd(*_ROLE, "create", project, role),
            self._argocd(*_ROLE, "add-policy", project, role, *rights),
        )


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
