"""The tenders' desk: every tender of an office, one of them with its lots and bids, and moving it on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.approval.queries import is_interested
from contracts.contract.queries import contract_of_award
from contracts.contract.rules import Contract
from contracts.kernel.calendar import ALMATY
from contracts.kernel.work import Role, Work
from market.competition import queries, service
from market.competition.queries import READERS, Award, Bid, Lot, Tender
from market.competition.rules import MAX_REASON, LotNotFound, TenderNotFound, TenderStatus
from market.oversight.names import names
from market.web.language import _, language_of
from market.web.lists import TheSlice
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.officer.sight import MONEY, held_by
from market.web.problems import kinds, title_of
from market.web.rendering import render
from market.web.work import Caller, Id, TheCaller, WebRequest

DAY = timedelta(days=1)
OPEN = {TenderStatus.DRAFT, TenderStatus.PUBLISHED, TenderStatus.OPENED}
DECIDED = {TenderStatus.OPENED, TenderStatus.COMPLETE, TenderStatus.UNSUCCESSFUL}


@get("/tenders-desk", sync_to_thread=True)
def list_tenders(request: WebRequest, caller: TheCaller, at: TheSlice) -> Response[str]:
    held, asked = held_by(caller, *READERS), at.query.get("status", "")
    which = TenderStatus(asked) if asked in set(TenderStatus) else None
    found = caller.read(
        lambda work: queries.tenders_of_offices(work, held, status=which, after=at.after, limit=at.limit)
    )
    links = [(one, f"/tenders-desk?{urlencode({'status': str(one)})}", one is which) for one in TenderStatus]
    return render(
        request, "officer/tenders.html", listing=at.listing(found, lambda one: one, lambda one: one.id), which=which,
        links=links, may_create=caller.actor.has(Role.PROCUREMENT_OFFICER),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class LotShown:
    """A lot with what the reader may see of its bids, and what was decided."""

    lot: Lot
    count: int
    bids: list[Bid]
    award: Award | None
    contract: Contract | None
    line_number: str
    may_award: bool
    tied: bool  # the reader declared an interest in who bids, and would decide it otherwise


@get("/tenders-desk/{number:str}", sync_to_thread=True)
def show_tender(request: WebRequest, caller: TheCaller, number: FromPath[str]) -> Response[str]:
    return _show(request, caller, number, EMPTY)


def _show(request: WebRequest, caller: Caller, number: str, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        tender = in_sight(work, number)
        line_of = names(work, [("funding-line", lot.line_id) for lot in queries.lots(work, tender.id)])
        lots = [_lot(work, tender, lot, line_of) for lot in queries.lots(work, tender.id)]
        bidders = {("provider", bid.provider_id) for one in lots for bid in one.bids}
        winners = {("provider", one.award.provider_id) for one in lots if one.award and one.award.provider_id}
        known = names(work, bidders | winners)
        sees_money = work.actor.has(*MONEY, territory=tender.territory)
        return {"tender": tender, "lots": lots, "providers": known, "sees_money": sees_money} | _may(work, tender, lots)

    found = caller.read(read)
    language = language_of(request)
    reasons = {code: title_of(kind, language) for code, kind in kinds().items()}
    deadline = found["tender"].deadline_at.astimezone(ALMATY)
    return render(
        request, "officer/tender.html", filled=filled, key=new_key(), reasons=reasons, deadline=deadline, one_day=DAY,
        **found,
    )  # fmt: skip


def in_sight(work: Work, number: str) -> Tender:
    """For officers of its territory. Raises TenderNotFound."""
    tender = queries.tender_numbered(work, number)
    if not work.actor.has(*READERS, territory=tender.territory):
        raise TenderNotFound
    return tender


def _lot(work: Work, tender: Tender, lot: Lot, line_of: dict[UUID, str]) -> LotShown:
    award = queries.award_of(work, lot.id)
    buyer = work.actor.has(Role.PROCUREMENT_OFFICER, territory=tender.territory)
    undecided = award is None and tender.status in DECIDED and work.actor.id != tender.opened_by
    waits = buyer and undecided
    tied = waits and _is_tied(work, {one.provider_id for one in queries.admitted(work, lot.id)})
    return LotShown(
        lot, queries.bid_count(work, lot.id), queries.bids_of_lot(work, lot.id), award,
        contract_of_award(work, award.id) if award else None, line_of.get(lot.line_id, ""), waits and not tied, tied,
    )  # fmt: skip


def _is_tied(work: Work, bidders: set[UUID]) -> bool:
    return work.actor.id is not None and is_interested(work, work.actor.id, bidders)


def _may(work: Work, tender: Tender, lots: list[LotShown]) -> dict[str, bool]:
    """Which forms are shown: none that its service would refuse."""
    buyer = work.actor.has(Role.PROCUREMENT_OFFICER, territory=tender.territory)
    draft, now = tender.status is TenderStatus.DRAFT, work.now
    awarded = any(one.award for one in lots)
    due = buyer and tender.status is TenderStatus.PUBLISHED and now >= tender.deadline_at
    tied = due and _is_tied(work, {one.provider_id for one in queries.live_bids(work, tender.id)})
    return {
        "may_publish": buyer and draft and now < tender.deadline_at,
        "may_reschedule": buyer and draft,
        "may_open": due and not tied,
        "tied": tied,
        "may_cancel": buyer and tender.status in OPEN and not awarded,
        "waits_for_another": buyer and tender.opened_by == work.actor.id and tender.status is TenderStatus.OPENED,
        "is_over": now >= tender.deadline_at,
    }


def _move(
    request: WebRequest, caller: Caller, number: str, data: Form, verb: Callable[[Work, Tender], object], said: str
) -> Response[Any]:
    return submit(
        request, caller, data, do=lambda work: _without_answer(verb(work, in_sight(work, number))),
        again=lambda filled: _show(request, caller, number, filled), to=f"/tenders-desk/{number}", said=said,
    )  # fmt: skip


def _without_answer(_answer: object) -> None:
    """What a verb answers is no address to go on to."""


@post("/tenders-desk/{number:str}/publication", sync_to_thread=True)
def publish(request: WebRequest, caller: TheCaller, number: FromPath[str], data: Form) -> Response[Any]:
    said = _("The tender is published. Organisations can bid until the deadline.")
    return _move(request, caller, number, data, lambda work, tender: service.publish(work, tender.id), said)


@post("/tenders-desk/{number:str}/opening", sync_to_thread=True)
def open_bids(request: WebRequest, caller: TheCaller, number: FromPath[str], data: Form) -> Response[Any]:
    said = _("The bids are open. Somebody else decides the award.")
    return _move(request, caller, number, data, lambda work, tender: service.open_bids(work, tender.id), said)


@post("/tenders-desk/{number:str}/deadline", sync_to_thread=True)
def reschedule(request: WebRequest, caller: TheCaller, number: FromPath[str], data: Form) -> Response[Any]:
    def verb(work: Work, tender: Tender) -> None:
        reading = Reading(data)
        deadline = read_deadline(reading)
        reading.check()
        service.reschedule(work, tender.id, deadline_at=deadline)

    return _move(request, caller, number, data, verb, _("The tender has a new deadline."))


@post("/tenders-desk/{number:str}/cancellation", sync_to_thread=True)
def cancel(request: WebRequest, caller: TheCaller, number: FromPath[str], data: Form) -> Response[Any]:
    def verb(work: Work, tender: Tender) -> None:
        reading = Reading(data)
        reason = reading.text("reason", max_length=MAX_REASON)
        reading.check()
        service.cancel(work, tender.id, reason=reason)

    return _move(request, caller, number, data, verb, _("The tender is cancelled."))


@post("/tenders-desk/{number:str}/lots/{lot_id:uuid}/award", sync_to_thread=True)
def award(request: WebRequest, caller: TheCaller, number: FromPath[str], lot_id: Id, data: Form) -> Response[Any]:
    def verb(work: Work, tender: Tender) -> None:
        if queries.lot(work, lot_id).tender_id != tender.id:
            raise LotNotFound
        service.award(work, lot_id)

    return _move(request, caller, number, data, verb, _("The lot is decided."))


def read_deadline(reading: Reading) -> datetime:
    """A day and the time by the clock on the wall."""
    day = reading.day("deadline_at")
    text = reading.text("deadline_time", max_length=5)
    try:
        hour, minute = (int(part) for part in text.split(":"))
        moment = datetime(2000, 1, 1, hour, minute, tzinfo=ALMATY).timetz()
    except ValueError:
        if text:
            reading.wrong("deadline_time", _("Write a time, such as 18:00"))
        moment = datetime(2000, 1, 1, tzinfo=ALMATY).timetz()
    return datetime.combine(day or date(2000, 1, 1), moment)


HANDLERS = [list_tenders, show_tender, publish, open_bids, reschedule, cancel, award]
