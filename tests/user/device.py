"""A device with a passkey, as WebAuthn describes one: it makes a key pair for a host and signs what it is asked to."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import bytes_to_base64url

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
P256 = ec.SECP256R1()


@dataclass(slots=True)
class Device:
    """``counter`` goes up with each signature; ``verifies`` False: it opens without finger or PIN."""

    origin: str
    counter: int = 0
    verifies: bool = True
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(P256))

    def create(self, options: str, **changes: Any) -> str:
        """As ``navigator.credentials.create`` answers, in JSON."""
        asked = json.loads(options)
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._data(asked["rp"]["id"], attested=True)}
        response = {
            "clientDataJSON": bytes_to_base64url(self._client_data("webauthn.create", asked["challenge"], **changes)),
            "attestationObject": bytes_to_base64url(cbor2.dumps(attestation)),
        }
        return self._answer(response)

    def get(self, options: str, **changes: Any) -> str:
        """As ``navigator.credentials.get`` answers, in JSON."""
        asked = json.loads(options)
        self.counter += 1
        data = self._data(asked["rpId"])
        client_data = self._client_data("webauthn.get", asked["challenge"], **changes)
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": bytes_to_base64url(client_data),
            "authenticatorData": bytes_to_base64url(data),
            "signature": bytes_to_base64url(signature),
            "userHandle": None,
        }
        return self._answer(response)

    def _answer(self, response: dict[str, Any]) -> str:
        name = bytes_to_base64url(self.credential_id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})

    def _client_data(self, kind: str, challenge: str, **changes: Any) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin} | changes).encode()

    def _data(self, host: str, *, attested: bool = False) -> bytes:
        flags = PRESENT | (VERIFIED if self.verifies else 0) | (ATTESTED if attested else 0)
        data = hashlib.sha256(host.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4, "big")
        if attested:
            length = len(self.credential_id).to_bytes(2, "big")
            data += b"\0" * 15 + b"\1" + length + self.credential_id + cbor2.dumps(self._public_key())
        return data

    def _public_key(self) -> dict[int, Any]:
        numbers = self.key.public_key().public_numbers()
        return {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
