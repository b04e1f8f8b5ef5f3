"""What was done at a visit: items with their amounts, noted once. Which items there are is the market's to know."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from contracts.audit.service import record
from contracts.contract.rules import EngagementNotFound
from contracts.kernel.errors import Malformed, WrongState
from contracts.kernel.work import Work
from contracts.register import queries
from contracts.register.models import EntryRow
from contracts.register.rules import Entry, EntryNotFound, EntryStatus
from contracts.register.service import own_engagement

MOST_ITEMS = 50  # of a visit: all there are of a kind, and more
MOST_OF_AN_ITEM = 10_000  # kilograms or litres: beyond any limit of a standard
LONGEST_CODE = 64


class ItemsNoted(WrongState):
    code = "visit-items-noted"
    title = "What was done at this visit is noted already; it changes by taking the visit back"


@dataclass(frozen=True, slots=True)
class Item:
    """``amount`` in the item's own unit; None where it is only done or not."""

    code: str
    amount: int | None = None


def check_form(items: Sequence[Item]) -> None:
    """Raises Malformed."""
    if not 0 < len(items) <= MOST_ITEMS:
        raise Malformed(f"A visit has 1 to {MOST_ITEMS} items", pointer="/items", rule="items-number")
    if len({one.code for one in items}) != len(items):
        raise Malformed("An item stands once in a visit", pointer="/items", rule="items-once")
    for at, one in enumerate(items):
        if not 0 < len(one.code) <= LONGEST_CODE:
            raise Malformed("An item has a code", pointer=f"/items/{at}/code", rule="item-code")
        if one.amount is not None and not 0 < one.amount <= MOST_OF_AN_ITEM:
            raise Malformed(
                f"An amount is a whole number from 1 to {MOST_OF_AN_ITEM}",
                pointer=f"/items/{at}/amount",
                rule="item-amount",
            )


def note(work: Work, entry_id: UUID, items: Sequence[Item]) -> None:
    """By the provider's people; the same once more changes nothing. Raises ItemsNoted, WrongState, Malformed."""
    check_form(items)
    entry = own_entry(work, entry_id, lock=True)
    wanted = [[one.code, one.amount] for one in items]
    if entry.items is not None:
        if entry.items != wanted:
            raise ItemsNoted(rule="items-once")
        return
    if entry.status is EntryStatus.CANCELLED or entry.act_id is not None:
        raise WrongState(f"The entry is {entry.status}", status=entry.status, rule="items-in-time")
    work.update(EntryRow, entry_id, items=wanted)
    record(work, "entry", entry_id, "items-noted")


def own_entry(work: Work, entry_id: UUID, *, lock: bool = False) -> Entry:
    """Raises EntryNotFound to all but the provider's people."""
    entry = queries.entry(work, entry_id, lock=lock)
    try:
        own_engagement(work, entry.engagement_id)
    except EngagementNotFound:
        raise EntryNotFound from None
    return entry


def items_of(entry: Entry) -> list[Item]:
    return [Item(code, amount) for code, amount in entry.items or ()]
