"""Monthly acts: submitted by the provider, accepted or returned by a second person, paid by a third."""

from base64 import b64decode
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import FromQuery, JSONBody
from pydantic import Field

from contracts.act import calendar, countersigning, deciding, editions, queries, service
from contracts.act.document import digest_of
from contracts.act.pricing import Collector, VatMode
from contracts.act.rules import ActStatus, DeductionCode, LineOf, Side
from contracts.act.signing import SignatureWrong
from contracts.act.together import draft_together
from contracts.kernel.errors import Malformed
from contracts.kernel.period import Month
from contracts.kernel.work import Work
from contracts.payment import service as payments
from market.authority import trusted_roots
from market.web import queries as lists
from market.web.api.catalogue import Prefix
from market.web.api.payments import PaymentView
from market.web.api.payments import show as show_payment
from market.web.lists import TheSlice
from market.web.routes import reads, writes
from market.web.wire import PAGE, Asked, Listing, Money, MonthText, ReasonGiven, Slice, Tenge, shown
from market.web.work import Id, TheCaller, TheKey, TheVersion, tagged

Status = FromQuery[ActStatus | None]
ContractFilter = FromQuery[UUID | None]


class ActView(msgspec.Struct, frozen=True):
    id: UUID
    number: str
    contract_id: UUID
    provider_id: UUID
    territory: str
    line_id: UUID
    month: str
    part: int
    corrects_id: UUID | None
    status: ActStatus
    vat_mode: VatMode
    vat_rate_bp: int
    collector: Collector
    total: Money
    drafted_at: datetime
    submitted_at: datetime | None
    accepted_at: datetime | None
    return_reason: str | None
    editions: int
    version: int


class ActLineView(msgspec.Struct, frozen=True):
    """One engagement's service in the month at one price. ``amount``, what the budget pays, is ``cost`` less what was
    taken off, plus tax where it comes on top, less ``copayment`` where the provider collects it. Each figure was
    computed once, rounded half up. ``what``: visits, or those that did not take place and are paid in part."""

    id: UUID
    engagement_id: UUID
    recipient_id: UUID
    kind: str
    setting: str
    unit: str
    what: LineOf
    entries: int
    quantity: int
    seconds: int
    unit_price: Money
    cost: Money
    deducted: Money
    deduct_code: DeductionCode | None
    deduct_note: str | None
    vat: Money
    copayment: Money
    amount: Money


class Deduction(Asked):
    """An amount, or so many hundredths of a percent of the line's cost; all of it rejects the line."""

    amount: Tenge | None = None
    share_bp: Annotated[int, Field(ge=1, le=10_000)] | None = None
    code: DeductionCode
    note: Annotated[str, Field(min_length=1, max_length=500)]


class Signing(Asked):
    """A detached CMS signature (DER, base64) over the bytes of the act's document."""

    signature: Annotated[str, Field(min_length=4, max_length=90_000, pattern=r"^[A-Za-z0-9+/\n]+=*$")]


class SignatureView(msgspec.Struct, frozen=True):
    side: Side
    signer: str
    subject_bin: str | None
    certificate_sha256: str
    signed_at: datetime


class DocumentView(msgspec.Struct, frozen=True):
    """What the act says now: the text whose UTF-8 bytes are signed, and their SHA-256."""

    document: str
    sha256: str


class DifferenceView(msgspec.Struct, frozen=True):
    """A line that says something else than in the edition before. Null: it was not there, or is gone."""

    engagement: str
    unit_price: Money
    before: Money | None
    after: Money | None
    deducted_for: str | None
    note: str | None


class EditionView(msgspec.Struct, frozen=True):
    """What the act said when it changed hands. ``document`` is what ``sha256`` is of, and what is signed."""

    number: int
    total: Money
    sha256: str
    document: str
    frozen_at: datetime
    returned_for: str | None
    signatures: list[SignatureView]
    changed: list[DifferenceView]


class ActDetails(ActView, frozen=True):
    """``lines``: the first page of them, as they are printed; ``lines_next``: the address of the page after it, null
    where these are all."""

    lines: list[ActLineView]
    lines_next: str | None


def show(work: Work, act_id: UUID) -> ActDetails:
    act = queries.act_for_reader(work, act_id)
    first = _lines(work, act_id, Slice(f"/api/acts/{act_id}/lines", {}, None, PAGE))
    return shown(ActDetails, act, lines=first.items, lines_next=first.next)


def _lines(work: Work, act_id: UUID, at: Slice) -> Listing[ActLineView]:
    found = calendar.lines_of(work, act_id, after=at.after, limit=at.limit + 1)
    return at.listing(found, lambda line: shown(ActLineView, line), lambda line: line.id)


def show_head(work: Work, act_id: UUID) -> ActView:
    """Without its lines, of which a page shows a page."""
    return shown(ActView, queries.act_for_reader(work, act_id))


@reads("/acts")
def list_acts(
    caller: TheCaller,
    at: TheSlice,
    territory: Prefix = None,
    status: Status = None,
    contract_id: ContractFilter = None,
) -> Listing[ActView]:
    found = caller.read(lambda work: lists.acts(work, at, territory=territory, status=status, contract_id=contract_id))
    return at.listing(found, lambda act: shown(ActView, act), lambda act: act.id)


@reads("/acts/{act_id:uuid}")
def get_act(caller: TheCaller, act_id: Id) -> Response[ActDetails]:
    view = caller.read(lambda work: show(work, act_id))
    return tagged(view, view.version)


@reads("/acts/{act_id:uuid}/lines")
def list_lines(caller: TheCaller, at: TheSlice, act_id: Id) -> Listing[ActLineView]:
    """A page of them, as they are printed."""
    return caller.read(lambda work: _lines(work, queries.act_for_reader(work, act_id).id, at))


class NewActs(Asked):
    """``provider_id``: of this organisation alone, by who speaks for it. Without: of all, by an administrator."""

    month: MonthText
    provider_id: UUID | None = None


class Drafted(msgspec.Struct, frozen=True):
    acts: int


@writes("/act-drafts")
def draft_all(caller: TheCaller, data: JSONBody[NewActs]) -> Drafted:
    """The acts of all contracts that have confirmed visits of the month and no act of it yet."""
    month = Month.parse(data.month, pointer="/month")
    return Drafted(caller.write(lambda work: draft_together(work, [month], provider_id=data.provider_id)))


@writes("/acts/{act_id:uuid}/assembly")
def redraft(caller: TheCaller, version: TheVersion, act_id: Id) -> Response[ActDetails]:
    """A draft or a returned act anew, from what is confirmed now."""
    return _do(caller, act_id, lambda work: service.redraft(work, act_id, version=version))


@writes("/acts/{act_id:uuid}/submission")
def submit(caller: TheCaller, version: TheVersion, act_id: Id) -> Response[ActDetails]:
    return _do(caller, act_id, lambda work: service.submit(work, act_id, version=version))


@writes("/acts/{act_id:uuid}/return")
def return_act(caller: TheCaller, version: TheVersion, act_id: Id, data: JSONBody[ReasonGiven]) -> Response[ActDetails]:
    return _do(caller, act_id, lambda work: service.return_act(work, act_id, reason=data.reason, version=version))


@writes("/acts/{act_id:uuid}/lines/{line_id:uuid}/deduction")
def deduct(
    caller: TheCaller, version: TheVersion, act_id: Id, line_id: Id, data: JSONBody[Deduction]
) -> Response[ActDetails]:
    """A budget officer takes something off a line of an act that was handed in, or rejects it."""
    if (data.amount is None) == (data.share_bp is None):
        raise Malformed("Give an amount or a share, and not both", pointer="/amount")
    why: dict[str, Any] = {"code": data.code, "note": data.note, "version": version}
    if data.amount is not None:
        amount = data.amount.minor
        return _do(caller, act_id, lambda work: deciding.deduct(work, act_id, line_id, amount_minor=amount, **why))
    share = data.share_bp or 0
    return _do(caller, act_id, lambda work: deciding.deduct_share(work, act_id, line_id, share_bp=share, **why))


@writes("/acts/{act_id:uuid}/lines/{line_id:uuid}/restoration")
def restore(caller: TheCaller, version: TheVersion, act_id: Id, line_id: Id) -> Response[ActDetails]:
    """The whole line stands again."""
    return _do(caller, act_id, lambda work: deciding.restore(work, act_id, line_id, version=version))


@reads("/acts/{act_id:uuid}/editions")
def list_editions(caller: TheCaller, act_id: Id) -> Listing[EditionView]:
    """The newest first, each with what changed since the one before it."""

    def read(work: Work) -> Listing[EditionView]:
        queries.act_for_reader(work, act_id)
        return Listing([_edition(told) for told in editions.history(work, act_id)])

    return caller.read(read)


def _edition(told: editions.Told) -> EditionView:
    changed = [shown(DifferenceView, one) for one in told.changed]
    reason = told.returned.reason if told.returned else None
    signed = [shown(SignatureView, one) for one in told.signatures]
    return shown(EditionView, told.edition, returned_for=reason, changed=changed, signatures=signed)


@reads("/acts/{act_id:uuid}/document")
def show_document(caller: TheCaller, act_id: Id) -> DocumentView:
    def read(work: Work) -> DocumentView:
        text = countersigning.document_to_sign(work, queries.act_for_reader(work, act_id))
        return DocumentView(text, digest_of(text))

    return caller.read(read)


@writes("/acts/{act_id:uuid}/signature")
def sign(caller: TheCaller, act_id: Id, data: JSONBody[Signing]) -> Response[ActDetails]:
    """Who speaks for the provider signs as the organisation, a budget officer as the customer; each once what the act
    says now."""
    container = read_signature(data.signature)
    roots = trusted_roots(caller.site.settings.home)
    return _do(caller, act_id, lambda work: countersigning.sign(work, act_id, container=container, roots=roots))


def read_signature(text: str) -> bytes:
    """Raises SignatureWrong."""
    try:
        return b64decode("".join(text.split()), validate=True)
    except ValueError:
        raise SignatureWrong(rule="readable", pointer="/signature") from None


@writes("/acts/{act_id:uuid}/acceptance")
def accept(caller: TheCaller, once: TheKey, version: TheVersion, act_id: Id) -> Response[ActDetails]:
    """By a second person: the money becomes payable, and the account to be paid is frozen."""
    return caller.do_once(
        once, lambda work: service.accept(work, act_id, version=version), lambda work: show(work, act_id)
    )


@writes("/acts/{act_id:uuid}/payment")
def order_payment(caller: TheCaller, once: TheKey, act_id: Id) -> Response[PaymentView]:
    """By a third person; the worker sends it."""
    return caller.write_once(once, lambda work: show_payment(work, payments.order(work, act_id)))


def _do(caller: TheCaller, act_id: UUID, verb: Any) -> Response[ActDetails]:
    view = caller.do(verb, lambda work: show(work, act_id))
    return tagged(view, view.version)


HANDLERS = [
    list_acts, get_act, list_lines, draft_all, redraft, submit, return_act, deduct, restore, list_editions,
    show_document, sign, accept, order_payment,
]  # fmt: skip
