import gzip
import json
import os
import secrets
from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from contracts.audit.proof import export_lines, prove
from contracts.audit.replay import Replay
from contracts.audit.sealing import seal
from contracts.audit.verification import verify
from contracts.kernel.errors import Malformed, Unavailable
from contracts.kernel.work import SYSTEM, Work
from market.command.database import opened
from market.command.outcome import Outcome
from market.keys import audit_key, known_audit_key
from market.oversight.replay import replay_everything
from market.settings import Settings
from market.tables import METADATA


class NoAuditKey(Unavailable):
    code = "no-audit-key"
    title = "This installation has no audit key yet; 'market work' makes it with the first checkpoint"


class FileNotWritten(Unavailable):
    code = "file-not-written"
    title = "The file could not be written"


def configure(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="verify|prove|export|seal")
    verifying = actions.add_parser("verify", help="walk every chain and every checkpoint")
    verifying.add_argument("--replay", action="store_true", help="also rebuild the tables from the trail and compare")
    proving = actions.add_parser("prove", help="the proof that an event stands in a signed checkpoint")
    proving.add_argument("event_id", metavar="EVENT_ID")
    exporting = actions.add_parser("export", help="the whole trail, for contracts/audit/verify_export.py")
    exporting.add_argument("-o", "--output", type=Path, required=True, help="a file; gzipped if it ends with .gz")
    sealing = actions.add_parser("seal", help="make a checkpoint now; 'market work' makes one every minute")
    for action in (verifying, proving, exporting, sealing):
        action.add_argument("--json", action="store_true", default=SUPPRESS, help="print one JSON object on stdout")


def run(arguments: Namespace, settings: Settings) -> Outcome:
    if arguments.action == "verify":
        return _verify(settings, with_replay=arguments.replay)
    if arguments.action == "prove":
        return _prove(settings, arguments.event_id)
    if arguments.action == "export":
        return _export(settings, arguments.output)
    return _seal(settings)


def _verify(settings: Settings, *, with_replay: bool) -> Outcome:
    key = known_audit_key(settings)
    problems = []
    with opened(settings) as database:
        verdict = database.read(SYSTEM, lambda work: verify(work, key.public_key() if key else None))
        replayed = database.read(SYSTEM, _replay) if with_replay else Replay()
    if verdict.first_fault is not None:
        problems.append({"code": "audit-broken", "detail": str(verdict.first_fault)})
    elif verdict.checkpoints and key is None:
        problems.append({"code": "no-audit-key", "detail": "There are checkpoints, but no key to check them with"})
    problems += [{"code": "replay-differs", "detail": str(one)} for one in replayed.differences]
    fault = None if verdict.first_fault is None else asdict(verdict.first_fault)
    report: dict[str, object] = {
        "events": verdict.events, "streams": verdict.streams, "checkpoints": verdict.checkpoints,
        "first_fault": fault,
    }  # fmt: skip
    if with_replay:
        compared = {"rows": replayed.rows, "sets": replayed.sets, "sets_counted_only": replayed.counted}
        report["replay"] = compared
    counts = f"{verdict.events} events in {verdict.streams} streams, {verdict.checkpoints} checkpoints"
    return Outcome([f"{counts}: {'broken' if problems else 'all hold'}."], report, problems)


def _replay(work: Work) -> Replay:
    return replay_everything(work, METADATA)


def _prove(settings: Settings, text: str) -> Outcome:
    try:
        event_id = UUID(text)
    except ValueError:
        raise Malformed("An event's id is a UUID", pointer="EVENT_ID", rule="uuid") from None
    key = _public_key(settings)
    with opened(settings) as database:
        proof = database.read(SYSTEM, lambda work: prove(work, event_id, key))
    return Outcome([json.dumps(proof, ensure_ascii=False)], {"proof": proof})


def _export(settings: Settings, file: Path) -> Outcome:
    key = _public_key(settings)
    with opened(settings) as database:
        lines = database.read(SYSTEM, lambda work: _write(file, export_lines(work, key)))
    return Outcome(
        [f"{lines} lines in {file}; the public key is {key.public_bytes_raw().hex()}."],
        {"file": str(file), "lines": lines, "public_key": key.public_bytes_raw().hex()},
    )


def _seal(settings: Settings) -> Outcome:
    with opened(settings) as database:
        sealed = seal(database, audit_key(settings))
    return Outcome([f"{sealed} streams sealed."], {"sealed": sealed})


def _public_key(settings: Settings) -> Ed25519PublicKey:
    key = known_audit_key(settings)
    if key is None:
        raise NoAuditKey
    return key.public_key()


def _write(file: Path, lines: Iterable[bytes]) -> int:
    """Whole or not at all: written beside the file under another name, then renamed. How many lines."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    count = 0
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            packed = gzip.GzipFile("", "wb", compresslevel=5, fileobj=out) if file.suffix == ".gz" else out
            for line in lines:
                packed.write(line)
                count += 1
            if packed is not out:
                packed.close()
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
    except OSError as error:
        raise FileNotWritten(f"{file}: {error.strerror or error}") from error
    finally:
        draft.unlink(missing_ok=True)
    return count
