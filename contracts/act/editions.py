"""Queries: what an act said each time it changed hands, why it went back, who signed it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from contracts.act.document import Difference, Parties, differences, digest_of, document_of
from contracts.act.models import ActEditionRow, ActReturnRow, ActRow, ActSignatureRow, SignatureContainerRow
from contracts.act.rules import Act, ActLine, Side
from contracts.contract.models import ContractRow, EngagementRow
from contracts.kernel.work import Work
from contracts.payee.models import PayeeRow

MOST = 50  # editions shown: an act that went to and fro more often is a matter for a conversation


@dataclass(frozen=True, slots=True)
class Edition:
    id: UUID
    act_id: UUID
    number: int
    document: str
    sha256: str
    total_minor: int
    frozen_by: UUID
    frozen_at: datetime


@dataclass(frozen=True, slots=True)
class Return:
    id: UUID
    edition_id: UUID
    reason: str
    returned_by: UUID
    returned_at: datetime


@dataclass(frozen=True, slots=True)
class Signature:
    """``signer`` is the name in the certificate."""

    id: UUID
    edition_id: UUID
    side: Side
    subject_bin: str | None
    certificate_sha256: str
    container_sha256: str
    signed_by: UUID
    signed_at: datetime
    signer: str


@dataclass(frozen=True, slots=True)
class Told:
    """An edition with what changed since the one before it, why it went back, and who signed it."""

    edition: Edition
    changed: Sequence[Difference]
    returned: Return | None
    signatures: Sequence[Signature]


def parties_of(work: Work, act: Act) -> Parties:
    contract = sa.select(ContractRow.number, PayeeRow.bin).join(PayeeRow, PayeeRow.id == ContractRow.payee_id)
    ((number, provider_bin),) = work.rows(contract.where(ContractRow.id == act.contract_id))
    corrected = sa.select(ActRow.number).where(ActRow.id == act.corrects_id)
    engagements = sa.select(EngagementRow.id, EngagementRow.number).where(EngagementRow.contract_id == act.contract_id)
    return Parties(
        provider_bin=provider_bin,
        contract=number,
        corrects=work.scalar(corrected) if act.corrects_id else None,
        engagements={row.id: row.number for row in work.rows(engagements)},
    )


def edition(work: Work, act_id: UUID, number: int) -> Edition | None:
    return work.find(Edition, ActEditionRow, ActEditionRow.act_id == act_id, ActEditionRow.number == number)


def is_current(work: Work, act: Act, lines: Sequence[ActLine], frozen: Edition) -> bool:
    """Whether the act still says what the edition says."""
    return digest_of(document_of(act, lines, parties_of(work, act))) == frozen.sha256


def history(work: Work, act_id: UUID) -> list[Told]:
    """The newest edition first."""
    where = ActEditionRow.act_id == act_id
    found = work.find_all(Edition, ActEditionRow, where, order_by=(ActEditionRow.number.desc(),), limit=MOST + 1)
    returns = {one.edition_id: one for one in _returns(work, [one.id for one in found])}
    signed = signatures(work, [one.id for one in found])
    earlier = [*found[1:], None] if found else []
    told = []
    for one, before in zip(found, earlier, strict=True):
        changed = differences(before.document if before else None, one.document)
        told.append(Told(one, changed, returns.get(one.id), [s for s in signed if s.edition_id == one.id]))
    return told[:MOST]


def _returns(work: Work, edition_ids: Sequence[UUID]) -> list[Return]:
    return work.find_all(Return, ActReturnRow, ActReturnRow.edition_id.in_(edition_ids), order_by=(ActReturnRow.id,))


def signatures(work: Work, edition_ids: Sequence[UUID]) -> list[Signature]:
    """In the order in which they were put."""
    names = [name for name in Signature.__dataclass_fields__ if name != "signer"]
    statement = (
        sa.select(*(ActSignatureRow.__table__.c[name] for name in names), SignatureContainerRow.signer)
        .join(SignatureContainerRow, SignatureContainerRow.signature_id == ActSignatureRow.id)
        .where(ActSignatureRow.edition_id.in_(edition_ids))
        .order_by(ActSignatureRow.id)
    )
    return [Signature(*row) for row in work.rows(statement)]


def container(work: Work, signature_id: UUID) -> bytes:
    found = sa.select(SignatureContainerRow.container).where(SignatureContainerRow.signature_id == signature_id)
    return bytes(work.scalar(found))
