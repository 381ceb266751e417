"""TLS: a certificate authority of the sandbox's own, and certificates for loopback servers."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True)
class Tls:
    """What a server needs (two PEM files) and what its clients trust (`ca_pem`)."""

    certificate: Path
    key: Path
    ca_pem: str


class Authority:
    """A certificate authority that lives as long as the process; its key is never written."""

    def __init__(self) -> None:
        self._ca = trustme.CA(organization_name="opsportal-tui sandbox")

    @property
    def pem(self) -> str:
        """The authority's certificate, as a kubeconfig embeds it."""
        return self._ca.cert_pem.bytes().decode()

    def issue(self, folder: Path, *names: str, label: str = "server") -> Tls:
        """Issues a certificate for 127.0.0.1, localhost and `names`, as files in `folder`."""
        issued = self._ca.issue_cert("127.0.0.1", "localhost", *names)
        certificate, key = folder / f"{label}.crt", folder / f"{label}.key"
        certificate.write_bytes(b"".join(pem.bytes() for pem in issued.cert_chain_pems))
        descriptor = os.open(key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(issued.private_key_pem.bytes())
        return Tls(certificate, key, self.pem)
