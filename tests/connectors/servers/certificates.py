"""Certificates of a partner's own authority, as an on-premises system has them."""

from __future__ import annotations

import datetime as dt
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

_DAY = dt.timedelta(days=1)


class Authority:
    """An authority that signs certificates for servers and for clients."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named("Bayi Kök Yetkilisi")
        self._certificate = self._sign(self._name, self._key.public_key(), is_authority=True)
        self.pem = self._certificate.public_bytes(serialization.Encoding.PEM).decode()

    def issue(self, name: str, *, is_over: bool = False) -> tuple[str, str]:
        """A certificate for this name, and its key, as PEM; it may have ended an hour ago."""
        key = ec.generate_private_key(ec.SECP256R1())
        end = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1) if is_over else None
        told = self._sign(_named(name), key.public_key(), name, end=end).public_bytes(serialization.Encoding.PEM)
        form = serialization.PrivateFormat.PKCS8
        secret = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
        return told.decode(), secret.decode()

    def server(self, asks_for_certificates: bool = False, name: str = "localhost") -> ssl.SSLContext:
        """TLS for a name; it may let in only whom this authority has certified."""
        (self._folder / "server.pem").write_text("\n".join(self.issue(name)))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._folder / "server.pem")
        if asks_for_certificates:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(cadata=self.pem)
        return context

    def _sign(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey,
        name: str = "",
        is_authority: bool = False,
        end: dt.datetime | None = None,
    ) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC)
        number = x509.random_serial_number()
        built = x509.CertificateBuilder(self._name, subject, key, number, now - _DAY, end or now + _DAY)
        built = built.add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        built = built.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        own = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        built = built.add_extension(own, critical=False)
        if is_authority:
            usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
            built = built.add_extension(usage, critical=True)
        else:
            built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        return built.sign(self._key, hashes.SHA256())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
