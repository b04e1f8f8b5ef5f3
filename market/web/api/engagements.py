"""One recipient's service under a contract, and the register of its visits."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import JSONBody, QueryParameter
from pydantic import Field

from contracts.act import service as acting
from contracts.contract import queries as contracts
from contracts.contract import service as contracting
from contracts.contract.rules import EngagementNotFound
from contracts.kernel.period import Month
from contracts.kernel.work import Work
from contracts.register import confirming, items, queries, service
from contracts.register.codes import WrongCode
from contracts.register.items import Item
from contracts.register.rules import Confirmation, Entry, EntryNotFound, EntryStatus, read_visit
from market.placement.items import note as note_items
from market.placement.serving import enter_visit, enter_visit_with_code
from market.web import queries as lists
from market.web.api.contracts import EngagementView
from market.web.lists import TheSlice
from market.web.routes import reads, writes
from market.web.wire import Asked, Code, Count, Day, Listing, Moment, ReasonGiven, shown
from market.web.work import Id, TheCaller

MonthFilter = Annotated[str | None, QueryParameter(name="month", pattern="^20[0-9]{2}-(0[1-9]|1[0-2])$")]


VisitCode = Annotated[str, Field(min_length=6, max_length=12, examples=["048 213"])]


class ItemDone(Asked):
    """``amount``: in the item's own unit, such as kilograms of fuel; where a visit has a limit, it must be said."""

    code: Code
    amount: Annotated[int, Field(ge=1, le=10_000)] | None = None


class ItemsDone(Asked):
    items: Annotated[list[ItemDone], Field(min_length=1, max_length=50)]


class NewEntry(Asked):
    """``client_id``: the provider's own id of the visit; the same one again is answered with the entry that stands.
    ``quantity``: units other than hours, which count by their exact seconds. ``code``: the six digits that the
    recipient told who came; with the right ones the visit is confirmed, with wrong ones nothing is entered.
    ``items``: what was done, from the catalogue."""

    client_id: Annotated[str, Field(min_length=1, max_length=64)]
    worker_id: UUID
    started_at: Moment
    ended_at: Moment
    quantity: Count
    place: Annotated[str, Field(min_length=1, max_length=120)]
    code: VisitCode | None = None
    items: Annotated[list[ItemDone], Field(min_length=1, max_length=50)] | None = None


class CodeTold(Asked):
    code: VisitCode


class PaperSigned(Asked):
    """``page``: of the paper journal, as it is printed there."""

    page: Annotated[str, Field(min_length=1, max_length=40)]


class FromDay(Asked):
    on: Day | None = None


class ItemView(msgspec.Struct, frozen=True):
    code: str
    amount: int | None


class EntryView(msgspec.Struct, frozen=True):
    id: UUID
    month: str
    engagement_id: UUID
    contract_id: UUID
    recipient_id: UUID
    worker_id: UUID
    client_id: str
    served_on: date
    started_at: datetime
    ended_at: datetime
    place: str
    quantity: int
    status: EntryStatus
    entered_at: datetime
    confirmed_at: datetime | None
    confirmed_how: Confirmation | None
    paper_page: str | None
    cancel_reason: str | None
    act_id: UUID | None
    items: list[ItemView]


class CodeView(msgspec.Struct, frozen=True):
    """Of one visit on one day: told to who comes."""

    day: date
    code: str


def show(work: Work, engagement_id: UUID) -> EngagementView:
    return shown(EngagementView, contracts.engagement_for_reader(work, engagement_id))


def show_entry(work: Work, entry_id: UUID) -> EntryView:
    found = queries.entry(work, entry_id)
    try:
        contracts.engagement_for_reader(work, found.engagement_id)
    except EngagementNotFound:
        raise EntryNotFound from None
    return shown_entry(found)


def shown_entry(entry: Entry) -> EntryView:
    return shown(EntryView, entry, items=[ItemView(one.code, one.amount) for one in items.items_of(entry)])


@reads("/engagements/{engagement_id:uuid}")
def get_engagement(caller: TheCaller, engagement_id: Id) -> EngagementView:
    return caller.read(lambda work: show(work, engagement_id))


@writes("/engagements/{engagement_id:uuid}/suspension")
def suspend(caller: TheCaller, engagement_id: Id, data: JSONBody[FromDay]) -> EngagementView:
    """Nothing is served from that day on (today if none is named): a hospital, a holiday."""
    return caller.do(
        lambda work: contracting.suspend_engagement(work, engagement_id, on=data.on),
        lambda work: show(work, engagement_id),
    )


@writes("/engagements/{engagement_id:uuid}/resumption")
def resume(caller: TheCaller, engagement_id: Id, data: JSONBody[FromDay]) -> EngagementView:
    return caller.do(
        lambda work: contracting.resume_engagement(work, engagement_id, on=data.on),
        lambda work: show(work, engagement_id),
    )


@reads("/engagements/{engagement_id:uuid}/entries")
def list_entries(caller: TheCaller, at: TheSlice, engagement_id: Id, month: MonthFilter = None) -> Listing[EntryView]:
    def read(work: Work) -> list[Entry]:
        show(work, engagement_id)
        wanted = Month.parse(month, pointer="/month") if month else None
        return lists.entries(work, at, engagement_id=engagement_id, month=wanted)

    return at.listing(caller.read(read), shown_entry, lambda entry: entry.id)


@writes("/engagements/{engagement_id:uuid}/entries")
def enter(caller: TheCaller, engagement_id: Id, data: JSONBody[NewEntry]) -> EntryView:
    """The provider's people say that a visit took place; with the code they were told, the recipient says so, too."""
    visit = data.values()
    code, done = visit.pop("code"), visit.pop("items")

    def shown_with_items(work: Work, entry_id: UUID) -> EntryView:
        if done is not None:
            note_items(work, entry_id, [Item(one.code, one.amount) for one in done])
        return show_entry(work, entry_id)

    if code is None:
        return caller.write(lambda work: shown_with_items(work, enter_visit(work, engagement_id, **visit)))

    def both(work: Work) -> EntryView | WrongCode:
        entered = enter_visit_with_code(work, caller.vault.visit_key, engagement_id, read_visit(**visit), code=code)
        return entered if isinstance(entered, WrongCode) else shown_with_items(work, entered)

    return _committed(caller.write(both))


def _committed(answer: EntryView | WrongCode) -> EntryView:
    """A wrong code was counted, and that is committed now: the refusal can be told."""
    if isinstance(answer, WrongCode):
        raise answer
    return answer


@reads("/entries/{entry_id:uuid}")
def get_entry(caller: TheCaller, entry_id: Id) -> EntryView:
    return caller.read(lambda work: show_entry(work, entry_id))


@writes("/entries/{entry_id:uuid}/confirmation")
def confirm(caller: TheCaller, entry_id: Id) -> EntryView:
    """The recipient, a representative or an operator says that it took place."""
    return caller.do(lambda work: service.confirm(work, entry_id), lambda work: show_entry(work, entry_id))


@writes("/entries/{entry_id:uuid}/code")
def confirm_by_code(caller: TheCaller, entry_id: Id, data: JSONBody[CodeTold]) -> EntryView:
    """The provider's people pass on the code they were told. After five wrong ones for a day none is taken."""

    def both(work: Work) -> EntryView | WrongCode:
        wrong = confirming.confirm_by_code(work, caller.vault.visit_key, entry_id, code=data.code)
        return wrong or show_entry(work, entry_id)

    return _committed(caller.write(both))


@writes("/entries/{entry_id:uuid}/items")
def note_done(caller: TheCaller, entry_id: Id, data: JSONBody[ItemsDone]) -> EntryView:
    """What was done at the visit, noted once, by the provider's people; within the programme and a visit's limits."""
    done = [Item(one.code, one.amount) for one in data.items]
    return caller.do(lambda work: note_items(work, entry_id, done), lambda work: show_entry(work, entry_id))


@writes("/entries/{entry_id:uuid}/paper")
def confirm_by_paper(caller: TheCaller, entry_id: Id, data: JSONBody[PaperSigned]) -> EntryView:
    """An operator enters a page of the paper journal that the recipient signed."""
    return caller.do(
        lambda work: service.confirm_by_paper(work, entry_id, page=data.page), lambda work: show_entry(work, entry_id)
    )


@writes("/engagements/{engagement_id:uuid}/code")
def tell_code(caller: TheCaller, engagement_id: Id) -> CodeView:
    """Today's code, for the recipient, a representative or an operator (whose asking leaves an event)."""
    return caller.write(
        lambda work: CodeView(work.today, confirming.code_today(work, caller.vault.visit_key, engagement_id))
    )


@writes("/engagements/{engagement_id:uuid}/code-sheet")
def print_codes(caller: TheCaller, engagement_id: Id) -> Listing[CodeView]:
    """The first code of each of the next 31 days, for somebody without a telephone. Leaves an event."""
    sheet = caller.write(lambda work: confirming.codes_on_paper(work, caller.vault.visit_key, engagement_id))
    return Listing([CodeView(day, code) for day, code in sheet])


@writes("/entries/{entry_id:uuid}/cancellation")
def cancel(caller: TheCaller, entry_id: Id, data: JSONBody[ReasonGiven]) -> EntryView:
    """Also out of a draft or a returned act, which is assembled anew then."""
    return caller.do(
        lambda work: acting.strike(work, entry_id, reason=data.reason), lambda work: show_entry(work, entry_id)
    )


HANDLERS = [
    get_engagement, suspend, resume, tell_code, print_codes, list_entries, enter, get_entry, confirm, confirm_by_code,
    confirm_by_paper, note_done, cancel,
]  # fmt: skip
