"""Shell: the commands that a person could paste instead, quoted, for the very same target."""

from __future__ import annotations

import shlex

from probes.profile import Profile


def kubectl(profile: Profile, namespace: str, *arguments: str) -> str:
    """A kubectl command for the profile's cluster and a namespace.

    Those come last: before the name of a plugin kubectl takes no flags.
    """
    words = ["kubectl", *arguments, "-n", namespace]
    if profile.context:
        words += ["--context", profile.context]
    if profile.kubeconfig:
        words += ["--kubeconfig", str(profile.kubeconfig)]
    return shlex.join(words)
