"""A certificate that an owner gives us to show at their endpoint: read, checked, and told without its secret."""

from __future__ import annotations

from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from gateway.db import now
from gateway.errors import refuse_field
from gateway.guarded_connection import ClientCertificate


def read(certificate: str, key: str) -> dict[str, Any]:
    """What is public of a certificate in PEM; raises Invalid where it cannot be shown with this key now."""
    try:
        own = x509.load_pem_x509_certificates(certificate.encode())[0]
    except ValueError:
        raise refuse_field("/auth/certificate", "invalid", "This is no certificate in PEM.") from None
    if not own.not_valid_before_utc <= now() < own.not_valid_after_utc:
        raise refuse_field("/auth/certificate", "expired", "The certificate is not valid at present.")
    if not ClientCertificate("", certificate, key).is_usable():
        message = "This is no PEM key of the certificate, or it needs a password."
        raise refuse_field("/auth/key", "invalid", message)
    return {
        "subject": own.subject.rfc4514_string(),
        "fingerprint": own.fingerprint(hashes.SHA256()).hex(),
        "expires_at": own.not_valid_after_utc.isoformat().replace("+00:00", "Z"),
    }
