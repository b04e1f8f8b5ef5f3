"""The money of a year of work (see :mod:`tests.bench.year`): acts handed in and accepted, payments, bank lines, cases;
and what stands beside: flags, a long history."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.act.models import ActRow
from contracts.act.rules import ActStatus
from contracts.audit.service import record
from contracts.contract.models import ContractRow, EngagementRow
from contracts.kernel.bulk import bare_id, copy_rows, new_ids, read_rows
from contracts.kernel.database import table_of
from contracts.kernel.money import KZT
from contracts.kernel.work import Work
from contracts.ledger.models import AccountRow, TransferRow
from contracts.ledger.rules import AccountKind, TransferKind
from contracts.payee.models import PayeeVersionRow
from contracts.payment.models import PayingAccountRow, PaymentRow
from contracts.payment.rules import PaymentStatus
from contracts.reconciliation.models import BankLineRow, BankStatementRow, CaseRow
from contracts.reconciliation.rules import CaseKind, CaseStatus
from contracts.register.models import EntryRow
from market.oversight.models import VisitFlagRow
from market.oversight.suspicion import FlagStatus, Suspicion
from market.placement.models import RoundRow
from tests.bench.year import NOBODY, OTHER, desk_of, months_of, write_rows

FLAGS = 100_000
LONG_TRAIL = 500  # events of one engagement


def hand_in(work: Work) -> None:
    """The oldest month is accepted and paid, the next one accepted, of the last every other act is handed in."""
    months, act = months_of(work), table_of(ActRow)
    submitted = {"status": ActStatus.SUBMITTED, "submitted_by": NOBODY, "submitted_at": work.now}
    work.execute(sa.update(act).where(act.c.month < months[-2]).values(**submitted))
    half = sa.func.substr(act.c.number, 8, 1).in_(list("02468"))
    work.execute(sa.update(act).where(act.c.month == months[-2], half).values(**submitted))
    rows = read_rows(work, sa.select(
        bare_id(work, act.c.id), bare_id(work, act.c.line_id), act.c.total_minor, act.c.month
    ).where(act.c.month < months[-2]))  # fmt: skip
    accounts = new_ids(len(rows))
    write_rows(work, AccountRow, [
        {"id": accounts[n], "kind": AccountKind.PAYABLE, "owner_id": row[0], "line_id": row[1], "currency": KZT,
         "debits_posted": row[2] if row[3] == str(months[0]) else 0, "credits_posted": row[2], "debits_pending": 0,
         "credits_pending": 0}
        for n, row in enumerate(rows)
    ])  # fmt: skip
    account, version, contract = table_of(AccountRow), table_of(PayeeVersionRow), table_of(ContractRow)
    payable = sa.select(account.c.id).where(account.c.kind == AccountKind.PAYABLE, account.c.owner_id == act.c.id)
    paid_to = sa.select(version.c.id).join(contract, contract.c.payee_id == version.c.payee_id)
    work.execute(sa.update(act).where(act.c.month < months[-2]).values(
        status=ActStatus.ACCEPTED, accepted_by=OTHER, accepted_at=work.now, account_id=payable.scalar_subquery(),
        payee_version_id=paid_to.where(contract.c.id == act.c.contract_id).scalar_subquery(),
    ))  # fmt: skip
    work.note_set("act", verb="accepted")
    record(work, "bench", "year", "accepted")


def order(work: Work) -> None:
    """What the first month came to is settled; of the second a third is on its way."""
    months, a = months_of(work), ActRow
    wanted = (a.id, a.provider_id, a.payee_version_id, a.account_id, a.line_id)
    rows = read_rows(work, sa.select(
        *(bare_id(work, one) for one in wanted), a.number, a.territory, a.total_minor, a.month
    ).where(a.month < months[-2]).order_by(a.id))  # fmt: skip
    chosen = [row for n, row in enumerate(rows) if row[8] == str(months[0]) or n % 3 == 0]
    paid = AccountRow.kind == AccountKind.PAID
    purses = dict(
        read_rows(work, sa.select(bare_id(work, AccountRow.owner_id), bare_id(work, AccountRow.id)).where(paid))
    )
    ids, transfers = new_ids(len(chosen)), new_ids(len(chosen))
    write_rows(work, TransferRow, [
        {"id": transfers[n], "kind": TransferKind.PENDING, "debit_id": row[3], "credit_id": purses[row[4]],
         "amount_minor": row[7], "reason": "payment-ordered", "about_id": ids[n], "posted_on": work.today,
         "at": work.now}
        for n, row in enumerate(chosen)
    ])  # fmt: skip
    write_rows(work, PaymentRow, [_payment(work, n, row, ids[n], transfers[n], row[8] == str(months[0]))
                              for n, row in enumerate(chosen)])  # fmt: skip
    record(work, "bench", "year", "ordered")


def _payment(work: Work, n: int, row: Sequence[Any], key: str, transfer: str, is_settled: bool) -> dict[str, Any]:
    under_way = (PaymentStatus.ORDERED, PaymentStatus.SENDING, PaymentStatus.SENT, PaymentStatus.RETURNED)
    return {
        "id": key, "number": f"P-{n:08d}", "act_id": row[0], "provider_id": row[1], "territory": row[6],
        "payee_version_id": row[2], "amount_minor": row[7], "currency": KZT,
        "status": PaymentStatus.SETTLED if is_settled else under_way[n % 4], "pending_transfer_id": transfer,
        "ordered_by": UUID(int=4), "ordered_at": work.now, "next_try_at": None if is_settled else work.now,
        "attempts": 1, "moved_at": work.now, "gateway_transfer": f"tr_{n}",
        "settled_at": work.now if is_settled else None,
    }  # fmt: skip


def book(work: Work) -> None:
    """The bank's lines of what was settled, and cases."""
    account, statement = new_ids(2)
    write_rows(work, PayingAccountRow, [
        {"id": account, "territory": "", "name": "Treasury", "iban": "KZ74125KZT0000000005", "opened_by": NOBODY,
         "opened_at": work.now}
    ])  # fmt: skip
    write_rows(work, BankStatementRow, [
        {"id": statement, "account_id": account, "number": "1", "digest": "0" * 64,
         "from_on": date(work.today.year, 1, 1), "until_on": work.today, "opening_minor": 0,
         "closing_minor": 0, "imported_by": NOBODY, "imported_at": work.now}
    ])  # fmt: skip
    p = PaymentRow
    rows = read_rows(work, sa.select(bare_id(work, p.id), p.number, p.territory, p.amount_minor).where(
        p.status == PaymentStatus.SETTLED
    ).order_by(p.id))  # fmt: skip
    lines = new_ids(len(rows))
    write_rows(work, BankLineRow, [
        {"id": lines[n], "statement_id": statement, "account_id": account, "reference": f"L{n}",
         "amount_minor": -row[3], "booked_on": work.today, "names": row[1], "is_return": False, "payment_id": row[0]}
        for n, row in enumerate(rows)
    ])  # fmt: skip
    write_rows(work, CaseRow, [
        {"id": one, "number": f"R-{n:08d}", "kind": CaseKind.AMOUNT_DIFFERS, "territory": rows[n][2],
         "subject_id": rows[n][0], "payment_id": rows[n][0], "bank_line_id": lines[n], "fingerprint": "f",
         "difference_minor": 100, "status": CaseStatus.OPEN, "owner_id": NOBODY, "opened_at": work.now}
        for n, one in enumerate(new_ids(len(rows) // 2))
    ])  # fmt: skip
    record(work, "bench", "year", "booked")


# --- what people look at beside --------------------------------------------------------------------------------------
def flag(work: Work) -> None:
    """As many flags as the organisation has visits: each of its own, and as many of everybody's."""
    desk, e, c = desk_of(work), EntryRow, ContractRow
    wanted = (e.id, e.recipient_id, e.worker_id, c.provider_id)
    seen = sa.select(*(bare_id(work, one) for one in wanted), c.territory, e.served_on).join(c, c.id == e.contract_id)
    rows = read_rows(work, seen.where(c.provider_id == UUID(desk.provider_id)).order_by(e.id).limit(FLAGS // 2))
    rows += read_rows(work, seen.where(c.provider_id != UUID(desk.provider_id)).order_by(e.id).limit(len(rows)))
    copy_rows(work, VisitFlagRow, (
        "id", "entry_id", "suspicion", "territory", "provider_id", "recipient_id", "worker_id", "served_on", "facts",
        "raised_at", "status",
    ), ((
        one, rows[n][0], Suspicion.OVER_VOLUME, rows[n][4], rows[n][3], rows[n][1], rows[n][2],
        date.fromisoformat(str(rows[n][5])), {"so_far": 9, "granted": 8}, work.now, FlagStatus.OPEN,
    ) for n, one in enumerate(new_ids(len(rows)))))  # fmt: skip
    record(work, "bench", "year", "flagged")


def follow(work: Work) -> None:
    """A long history of one engagement, and the round made public."""
    desk = desk_of(work)
    one = work.scalar(sa.select(EngagementRow.id).where(EngagementRow.recipient_id == UUID(desk.recipient_id)).limit(1))
    one = one or work.scalar(sa.select(EngagementRow.id).order_by(EngagementRow.id).limit(1))
    for _ in range(LONG_TRAIL):
        record(work, "engagement", one, "suspended")
    published = {"published_at": work.now, "published_by": NOBODY}
    work.execute(sa.update(table_of(RoundRow)).values(**published))
    work.note_set("matching_round", verb="published")
    record(work, "bench", "year", "followed")
