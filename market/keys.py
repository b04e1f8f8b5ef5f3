"""Secrets of the installation in ``MARKET_HOME/keys``: each is made on its first use by whoever comes first."""

import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from market.settings import KEY_BYTES, Settings

FOLDER = "keys"


def secret_file(home: Path, name: str, fresh: bytes) -> bytes:
    """The secret called ``name``, mode 0600; ``fresh`` becomes it where there is none.

    Written whole under another name and then linked: of two processes that begin at once one makes it, and nobody
    reads half a key.
    """
    keys = home / FOLDER
    file = keys / name
    if not file.exists():
        keys.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = keys / f".{name}.{secrets.token_hex(8)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(fresh)
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(draft, file)
        except FileExistsError:
            pass  # the other process made it
        finally:
            draft.unlink()
        _keep_name(keys)
    return file.read_bytes()


def random_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def audit_key(settings: Settings) -> Ed25519PrivateKey:
    """Signs the checkpoints of the audit trail. Made on the first use."""
    return Ed25519PrivateKey.from_private_bytes(
        settings.audit_key or secret_file(settings.home, "audit.key", random_key())
    )


def known_audit_key(settings: Settings) -> Ed25519PrivateKey | None:
    """As :func:`audit_key`, but none is made: whoever checks signatures needs the key that signed."""
    made = (settings.home / FOLDER / "audit.key").exists()
    return audit_key(settings) if settings.audit_key or made else None


def _keep_name(folder: Path) -> None:
    """A new name survives a power cut only once its folder is written."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
