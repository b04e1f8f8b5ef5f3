"""Electronic signatures over an act's document: detached CMS (RFC 5652) by a certificate of a known authority.

Nothing is fetched: whether a certificate was revoked is the authority's to say at the door of its own service. A
certificate of the national authority names a person by ``serialNumber`` (IIN...) and an organisation by
``organizationalUnitName`` (BIN...).
"""

import asyncio
import hashlib
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from asn1crypto import cms, pem, x509
from cryptography.exceptions import UnsupportedAlgorithm
from pyhanko.sign.validation import async_validate_detached_cms
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext

from contracts.kernel.errors import Conflict, RuleBroken

MAX_CONTAINER = 64_000  # bytes: a signature with its chain of certificates; the document itself is not in it
MAX_NAME = 300
_BIN = re.compile(r"BIN(\d{12})", re.ASCII)
# How the readers refuse what is no signature: a flipped bit may name an algorithm that nobody has.
_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, UnsupportedAlgorithm, SignatureValidationError)
_USAGE = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False)

logging.getLogger("pyhanko").setLevel(logging.CRITICAL)  # a refusal is an answer, and a log must not name its subject


class Signer(Protocol):
    """Whoever can sign in somebody's name: a key on their own device, or a local authority in a demonstration."""

    def sign(self, document: bytes) -> bytes:
        """A detached CMS signature, DER."""
        ...


class SignatureWrong(RuleBroken):
    code = "signature-wrong"
    title = "This signature does not hold for the act as it stands"


class SignedAlready(Conflict):
    code = "act-signed-already"
    title = "This side has signed the act as it stands"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen of a signature that holds. ``subject_bin`` None: the certificate of a person alone."""

    signer: str
    subject_bin: str | None
    certificate_sha256: str
    container_sha256: str


def verify(container: bytes, document: bytes, roots: Sequence[bytes], at: datetime) -> Evidence:
    """Whether the signature is over these bytes, by a certificate that leads to one of ``roots`` (DER or PEM) and was
    valid at that moment. Raises SignatureWrong naming what is not so by its ``rule``."""
    if not 0 < len(container) <= MAX_CONTAINER:
        raise SignatureWrong(rule="readable", pointer="/signature")
    try:
        found = cms.ContentInfo.load(container, strict=True)
        if found["content_type"].native != "signed_data" or len(found["content"]["signer_infos"]) != 1:
            raise SignatureWrong(rule="readable", pointer="/signature")
        context = ValidationContext(trust_roots=[_root(one) for one in roots], moment=at, allow_fetching=False)
        checked = async_validate_detached_cms(document, found["content"], context, key_usage_settings=_USAGE)
        status = asyncio.run(checked)
    except _UNREADABLE:
        raise SignatureWrong(rule="readable", pointer="/signature") from None
    for holds, rule in ((status.intact, "same-document"), (status.valid, "same-key"), (status.trusted, "trusted")):
        if not holds:
            raise SignatureWrong(rule=rule, pointer="/signature")
    return _evidence(status.signing_cert, container)


def _root(text: bytes) -> x509.Certificate:
    return x509.Certificate.load(pem.unarmor(text)[2] if pem.detect(text) else text)


def _evidence(certificate: x509.Certificate, container: bytes) -> Evidence:
    subject = certificate.subject.native
    unit = _BIN.search(str(subject.get("organizational_unit_name", "")))
    return Evidence(
        signer=str(subject.get("common_name", ""))[:MAX_NAME],
        subject_bin=unit[1] if unit else None,
        certificate_sha256=hashlib.sha256(certificate.dump()).hexdigest(),
        container_sha256=hashlib.sha256(container).hexdigest(),
    )
