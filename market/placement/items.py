"""What may be done at a visit: items of its kind of service, those that the programme names, within the standard's
limits (30 kg of fuel and 30 l of water a visit)."""

from collections.abc import Collection, Sequence
from uuid import UUID

from contracts.contract import queries as contracts
from contracts.kernel.errors import RuleBroken
from contracts.kernel.work import Work
from contracts.register import items as register
from contracts.register.items import Item
from market.catalogue import queries as catalogue
from market.voucher import queries as vouchers


class ItemUnknown(RuleBroken):
    code = "visit-item-unknown"
    title = "The catalogue has no such item for this kind of service"


class ItemNotInProgramme(RuleBroken):
    code = "visit-item-not-in-programme"
    title = "The individual programme does not name this item"


class ItemOverLimit(RuleBroken):
    code = "visit-item-over-limit"
    title = "This is more than a visit allows"


class ItemAmountMissing(RuleBroken):
    code = "visit-item-amount-missing"
    title = "Say how much: this item has a limit a visit"


def note(work: Work, entry_id: UUID, items: Sequence[Item]) -> None:
    """What was done at the visit. By the provider's people. Raises ItemUnknown, ItemNotInProgramme, ItemOverLimit,
    ItemAmountMissing, ItemsNoted, EntryNotFound."""
    register.check_form(items)
    engagement_id = register.own_entry(work, entry_id).engagement_id
    allowed, named = offered(work, engagement_id)
    check(items, allowed, named)
    register.note(work, entry_id, items)


def offered(work: Work, engagement_id: UUID) -> tuple[list[catalogue.Item], frozenset[str] | None]:
    """The items of the engagement's kind, and those that its programme names (None: all of them)."""
    engagement = contracts.engagement(work, engagement_id)
    named = vouchers.items_of(work, engagement.voucher_id)
    return catalogue.items(work, kind=engagement.kind), named


def check(items: Sequence[Item], known: Sequence[catalogue.Item], named: Collection[str] | None) -> None:
    by_code = {one.code: one for one in known}
    for at, one in enumerate(items):
        found, here = by_code.get(one.code), f"/items/{at}"
        if found is None:
            raise ItemUnknown(pointer=f"{here}/code", rule="known-item", item=one.code)
        if named is not None and one.code not in named:
            raise ItemNotInProgramme(pointer=f"{here}/code", rule="item-in-programme", item=one.code)
        if found.limit_amount is None:
            continue
        if one.amount is None:
            raise ItemAmountMissing(pointer=f"{here}/amount", rule="item-amount", item=one.code)
        if one.amount > found.limit_amount:
            raise ItemOverLimit(
                f"A visit allows {found.limit_amount} {found.limit_unit}",
                pointer=f"{here}/amount",
                rule="item-limit",
                item=one.code,
                limit=found.limit_amount,
                unit=found.limit_unit,
            )
