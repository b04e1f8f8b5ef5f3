"""Whose signatures are believed, and a local certificate authority for tests and demonstrations.

Certificates of authorities that are believed lie in ``MARKET_HOME/trust`` as ``*.pem``. The local authority exists only
where a demonstration made it; the national authority's keys are on people's own devices and never here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

from market.keys import secret_file

TRUST = "trust"
NAME = "demonstration"
LIFETIME = timedelta(days=3650)
DAY = timedelta(days=1)


def trusted_roots(home: Path) -> list[bytes]:
    """Certificates in PEM. None: no signature is believed."""
    return [file.read_bytes() for file in sorted((home / TRUST).glob("*.pem"))]


@dataclass(frozen=True, slots=True)
class LocalSigner:
    """Signs as one subject. ``ec.ECDSA`` on P-256, SHA-256."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def sign(self, document: bytes) -> bytes:
        builder = pkcs7.PKCS7SignatureBuilder().set_data(document)
        options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
        signed = builder.add_signer(self.certificate, self.key, hashes.SHA256())
        return signed.sign(serialization.Encoding.DER, options)


@dataclass(frozen=True, slots=True)
class Authority:
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def new(cls, now: datetime, *, name: str = NAME) -> "Authority":
        key = ec.generate_private_key(ec.SECP256R1())
        return cls(
            key, _certificate(_subject(name), key.public_key(), _subject(name), key, now, LIFETIME, is_root=True)
        )

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def signer(
        self, now: datetime, *, name: str, bin_: str | None = None, lifetime: timedelta = timedelta(days=365)
    ) -> LocalSigner:
        """A key and a certificate for a person, who signs for the organisation with that BIN."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject, issuer = _subject(name, bin_), self.certificate.subject
        return LocalSigner(key, _certificate(subject, key.public_key(), issuer, self.key, now, lifetime))


def local_authority(home: Path, now: datetime) -> Authority:
    """Of a demonstration, made on the first use and believed from then on."""
    fresh = Authority.new(now)
    form = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    text = fresh.key.private_bytes(serialization.Encoding.PEM, *form) + fresh.pem
    kept = secret_file(home, f"{NAME}.pem", text)
    trust = home / TRUST
    trust.mkdir(mode=0o700, parents=True, exist_ok=True)
    known = _read(kept)
    (trust / f"{NAME}.pem").write_bytes(known.pem)
    return known


def known_authority(home: Path) -> Authority | None:
    """As :func:`local_authority`, but none is made."""
    file = home / "keys" / f"{NAME}.pem"
    return _read(file.read_bytes()) if file.exists() else None


def _read(text: bytes) -> Authority:
    key = serialization.load_pem_private_key(text, password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return Authority(key, x509.load_pem_x509_certificate(text))


def _subject(name: str, bin_: str | None = None) -> x509.Name:
    parts: Sequence[x509.NameAttribute[str]] = [x509.NameAttribute(NameOID.COMMON_NAME, name[:64])]
    if bin_ is not None:
        parts = [*parts, x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, f"BIN{bin_}")]
    return x509.Name(parts)


def _certificate(
    subject: x509.Name,
    key: ec.EllipticCurvePublicKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    now: datetime,
    lifetime: timedelta,
    *,
    is_root: bool = False,
) -> x509.Certificate:
    usage = x509.KeyUsage(
        digital_signature=not is_root, content_commitment=not is_root, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=is_root, crl_sign=is_root, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + lifetime)
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
