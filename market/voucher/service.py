"""Granting the right to be served, with the money behind it, and taking back what is not needed."""

from datetime import date
from uuid import UUID

from contracts.audit.service import record
from contracts.budget import queries as budget
from contracts.budget.queries import FundingLine
from contracts.kernel.ids import human_number, new_id
from contracts.kernel.work import Role, Work
from contracts.ledger import queries as ledger_queries
from contracts.ledger import service as ledger
from contracts.ledger.rules import AccountKind
from market.catalogue import queries as catalogue
from market.catalogue.rules import counted_in, size_of
from market.recipient import queries as recipients
from market.recipient.queries import Recipient
from market.tariff.service import check_price
from market.voucher import queries
from market.voucher.models import VoucherRow
from market.voucher.rules import (
    VOUCHER,
    NewVoucher,
    PersonNeeded,
    RecipientDied,
    Voucher,
    VoucherNotFound,
    VoucherOverlaps,
    VoucherStatus,
    check_items,
    check_line,
    check_period,
    check_reason,
    check_unit,
    check_volume,
    is_expired,
    reserved_minor,
)

BATCH = 500  # vouchers closed in one transaction: about a second, so that nobody else waits longer


def issue(work: Work, new: NewVoucher) -> UUID:
    """By a budget officer of the line's territory. What the dearest choice could cost moves from the line to the
    voucher. Raises VoucherWrong..., VoucherOverlaps, RecipientDied, a tariff refusal, InsufficientFunds."""
    line = budget.line(work, new.line_id)
    work.actor.require(Role.BUDGET_OFFICER, territory=line.territory)
    if work.actor.id is None:
        raise PersonNeeded
    # two vouchers for one person wait for each other here, so the second sees the first
    holder = recipients.recipient(work, new.recipient_id, lock=True)
    _check(work, new, line, holder)
    amount = reserved_minor(new)
    voucher_id = new_id()
    account_id = ledger.open_account(work, AccountKind.RESERVED, voucher_id, line_id=line.id)
    work.insert(
        VoucherRow,
        id=voucher_id,
        number=human_number("V"),
        recipient_id=holder.id,
        line_id=line.id,
        territory=holder.territory,
        kind=new.kind,
        setting=new.setting,
        unit=new.unit,
        units_a_month=new.units_a_month,
        size=_size(work, new),
        ceiling_minor=new.ceiling_minor,
        from_on=new.from_on,
        until_on=new.until_on,
        items=check_items(new.items, {one.code for one in catalogue.items(work, kind=new.kind)}),
        status=VoucherStatus.ISSUED,
        account_id=account_id,
        issued_by=work.actor.id,
        issued_at=work.now,
        ended_on=None,
        end_reason=None,
        granted_until_on=None,
    )
    # the line's account is the one row that all issuers share: it is touched last
    ledger.transfer(
        work,
        debit=_line_account(work, line.id),
        credit=account_id,
        amount_minor=amount,
        reason="voucher-issued",
        about_id=voucher_id,
    )
    record(work, "voucher", voucher_id, "issued")
    return voucher_id


def revoke(work: Work, voucher_id: UUID, *, reason: str) -> None:
    """By a budget officer in scope. What no engagement holds goes back to the line; what engagements give back later
    follows with :func:`close_expired`. Raises WrongState."""
    voucher = queries.voucher(work, voucher_id, lock=True)
    if not work.actor.has(Role.BUDGET_OFFICER, territory=voucher.territory):
        raise VoucherNotFound
    why = check_reason(reason)
    _end(work, voucher, "revoked", on=work.today, reason=why)
    record(work, "voucher", voucher_id, "revoked")


def move_end(work: Work, voucher: Voucher, *, until_on: date) -> None:
    """Days of a stay are given back at its end, or were none. The caller holds it. Checks no role: for whoever enters
    the stay."""
    moved = work.update(
        VoucherRow, voucher.id, VoucherRow.status == voucher.status, until_on=until_on,
        granted_until_on=voucher.granted_until,
    )  # fmt: skip
    assert moved, "the row is locked"
    record(work, "voucher", voucher.id, "end-moved")


def close_expired(work: Work, on: date) -> int:
    """What time releases: vouchers whose days were over on that day are closed, and the money that no engagement
    holds goes back to their lines, as does what came back to ended ones. At most BATCH; how many were done (call
    again until 0). By the system."""
    work.actor.require(Role.BUDGET_OFFICER, territory="")
    assert on <= work.today, "time releases nothing in advance"
    done = 0
    for voucher in queries.due_back(work, on, limit=BATCH):
        if is_expired(voucher, on):
            _end(work, voucher, "closed", on=voucher.last_until, reason=None)
            record(work, "voucher", voucher.id, "closed")
            done += 1
        elif voucher.status is not VoucherStatus.ISSUED and _release(work, voucher):
            record(work, "voucher", voucher.id, "released")
            done += 1
    return done


def close_of_dead(work: Work, recipient_id: UUID) -> None:
    """The vouchers of somebody whose death is recorded are closed, as of that day. Checks no role: for whoever has just
    recorded it. (:func:`close_expired` finds what nobody closed.)"""
    for known in queries.vouchers_of(work, recipient_id):
        voucher = queries.voucher(work, known.id, lock=True)
        if voucher.holder_died_on is not None and is_expired(voucher, work.today):
            _end(work, voucher, "closed", on=voucher.last_until, reason=None)
            record(work, "voucher", voucher.id, "closed")


def pass_on(work: Work, voucher_id: UUID) -> None:
    """What an engagement gave back to a voucher that has ended goes on to its line; nothing happens to one that stands.
    Checks no role: for whoever has just ended that engagement. (:func:`close_expired` finds what nobody passed on.)"""
    voucher = queries.voucher(work, voucher_id, lock=True)
    if voucher.status is not VoucherStatus.ISSUED and _release(work, voucher):
        record(work, "voucher", voucher_id, "released")


def _check(work: Work, new: NewVoucher, line: FundingLine, holder: Recipient) -> None:
    check_volume(new)
    check_unit(new.setting, new.unit)
    check_period(new, year=line.year, today=work.today)
    check_line(new, line_kind=line.service_kind, line_territory=line.territory, home_territory=holder.territory)
    if holder.died_on is not None:
        raise RecipientDied(pointer="/recipient_id", rule="recipient-alive")
    check_price(
        work,
        new.ceiling_minor,
        territory=holder.territory,
        kind=new.kind,
        setting=new.setting,
        unit=new.unit,
        on=new.from_on,
        pointer="/ceiling",
    )
    standing = queries.overlapping(
        work,
        recipient_id=holder.id,
        kind=new.kind,
        setting=new.setting,
        from_on=new.from_on,
        until_on=new.until_on,
    )
    if standing is not None:
        raise VoucherOverlaps(pointer="/from_on", rule="one-voucher-a-service", voucher=standing)


def _size(work: Work, new: NewVoucher) -> int:
    conversion = catalogue.conversion_on(work, new.from_on)
    return size_of(counted_in(new.setting, new.unit), new.unit, new.units_a_month, conversion)


def _end(work: Work, voucher: Voucher, verb: str, *, on: date, reason: str | None) -> None:
    status = VOUCHER.after(verb, voucher.status)
    same = VoucherRow.status == voucher.status
    moved = work.update(VoucherRow, voucher.id, same, status=status, ended_on=on, end_reason=reason)
    assert moved, "the row is locked"
    _release(work, voucher)


def _release(work: Work, voucher: Voucher) -> int:
    """Give back to the line what the voucher's account can spare, in minor units."""
    # locked: an engagement that begins at this moment either took its money before this look or finds none
    free = ledger_queries.account(work, voucher.account_id, lock=True).free
    if free:
        ledger.transfer(
            work,
            debit=voucher.account_id,
            credit=_line_account(work, voucher.line_id),
            amount_minor=free,
            reason="voucher-released",
            about_id=voucher.id,
        )
    return free


def _line_account(work: Work, line_id: UUID) -> UUID:
    found = ledger_queries.account_of(work, AccountKind.APPROPRIATED, line_id)
    assert found is not None, "a line is opened with its account"
    return found.id
