"""Both sides sign what the act says: the provider who hands it over, the customer who accepts it."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from contracts.act import editions, queries
from contracts.act.document import document_of
from contracts.act.freezing import freeze
from contracts.act.models import ActRow, ActSignatureRow, SignatureContainerRow
from contracts.act.rules import Act, Side, check_second_person, check_submitted
from contracts.act.service import for_officer, person
from contracts.act.signing import Evidence, SignatureWrong, SignedAlready, verify
from contracts.audit.service import record
from contracts.kernel.database import table_of
from contracts.kernel.ids import new_id
from contracts.kernel.work import Work

_containers = table_of(SignatureContainerRow)


def document_to_sign(work: Work, act: Act) -> str:
    """What the act says now, for whoever may see it."""
    return document_of(act, queries.lines(work, act.id), editions.parties_of(work, act))


def sign(work: Work, act_id: UUID, *, container: bytes, roots: Sequence[bytes]) -> UUID:
    """Keep a detached signature over what the act says now. Who speaks for the provider signs as that organisation (its
    BIN stands in the certificate), a budget officer as the customer; each once.

    Raises ActNotSubmitted, SignatureWrong, SignedAlready, SecondPersonNeeded.
    """
    act = queries.act(work, act_id, lock=True)
    side = Side.PROVIDER if act.provider_id in work.actor.directs() else Side.CUSTOMER
    act = for_officer(work, act_id, None) if side is Side.CUSTOMER else act
    who = person(work)
    check_submitted(act)
    if side is Side.CUSTOMER:
        check_second_person(act, who)
    edition = freeze(work, act, who)
    evidence = verify(container, edition.document.encode(), roots, work.now)
    _check_subject(work, act, side, evidence)
    signature_id = new_id()
    if not work.insert_if_new(
        ActSignatureRow,
        id=signature_id,
        edition_id=edition.id,
        side=side,
        subject_bin=evidence.subject_bin,
        certificate_sha256=evidence.certificate_sha256,
        container_sha256=evidence.container_sha256,
        signed_by=who,
        signed_at=work.now,
    ):
        raise SignedAlready(rule="once-a-side")
    kept = {"signature_id": signature_id, "signer": evidence.signer, "container": container}
    work.execute(sa.insert(_containers), kept)  # not in the trail: the certificate names a person
    moved = work.update(ActRow, act.id, ActRow.version == act.version, version=act.version + 1, editions=edition.number)
    assert moved, "the row is locked"
    record(work, "act", act_id, "signed")
    return signature_id


def _check_subject(work: Work, act: Act, side: Side, evidence: Evidence) -> None:
    """The organisation signs with its own certificate, the other side not with that. Raises SignatureWrong."""
    own = editions.parties_of(work, act).provider_bin
    if (side is Side.PROVIDER) != (evidence.subject_bin == own):
        raise SignatureWrong(rule="own-certificate", pointer="/signature")


def still_holds(work: Work, edition: editions.Edition, signature: editions.Signature, roots: Sequence[bytes]) -> bool:
    """The kept signature, verified once more over the kept document as of the moment it was taken."""
    container = editions.container(work, signature.id)
    try:
        evidence = verify(container, edition.document.encode(), roots, signature.signed_at)
    except SignatureWrong:
        return False
    return evidence.container_sha256 == signature.container_sha256 and evidence.subject_bin == signature.subject_bin
