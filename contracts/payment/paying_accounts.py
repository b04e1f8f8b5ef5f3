"""The bank accounts that payments leave from, one a territory, and whether a server or a file is how they leave."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.audit.service import record
from contracts.kernel.errors import Conflict, Malformed, NotFound
from contracts.kernel.ids import new_id, parse_iban
from contracts.kernel.work import Role, Work
from contracts.payment.models import PayingAccountRow
from contracts.payment.rules import Channel

LONGEST_NAME = 140
MOST = 200  # accounts in one answer: one a region, and a few cities
NOBODY = UUID(int=0)


class PayingAccountExists(Conflict):
    code = "paying-account-exists"
    title = "This account, or one for this territory, is known already"


class PayingAccountUnknown(NotFound):
    code = "paying-account-unknown"
    title = "The statement is of an account that is not one of yours"


@dataclass(frozen=True, slots=True)
class PayingAccount:
    id: UUID
    territory: str
    name: str
    iban: str
    channel: Channel
    opened_by: UUID
    opened_at: datetime


def open_paying_account(work: Work, *, territory: str, name: str, iban: str, channel: Channel = Channel.SERVER) -> UUID:
    """A finance officer of the territory names the bank account that its payments leave from. Raises
    PayingAccountExists."""
    work.actor.require(Role.FINANCE_OFFICER, territory=territory)
    text = " ".join(name.split())
    if not 0 < len(text) <= LONGEST_NAME:
        raise Malformed(f"A name has 1 to {LONGEST_NAME} characters", pointer="/name", rule="paying-account-name")
    account_id = new_id()
    if not work.insert_if_new(
        PayingAccountRow, id=account_id, territory=territory, name=text, iban=parse_iban(iban), channel=channel,
        opened_by=work.actor.id or NOBODY, opened_at=work.now,
    ):  # fmt: skip
        raise PayingAccountExists(rule="one-account-a-territory", pointer="/iban")
    record(work, "paying-account", account_id, "opened")
    return account_id


def account_with(work: Work, iban: str) -> PayingAccount | None:
    return work.find(PayingAccount, PayingAccountRow, PayingAccountRow.iban == iban)


def account(work: Work, account_id: UUID) -> PayingAccount:
    found = work.find(PayingAccount, PayingAccountRow, PayingAccountRow.id == account_id)
    if found is None:
        raise PayingAccountUnknown
    return found


def accounts(work: Work) -> list[PayingAccount]:
    return work.find_all(PayingAccount, PayingAccountRow, order_by=(PayingAccountRow.territory,), limit=MOST)


def account_paying(work: Work, territory: str) -> PayingAccount | None:
    """The account of the smallest territory around ``territory``."""
    around = [one for one in accounts(work) if territory.startswith(one.territory)]
    return max(around, key=lambda one: len(one.territory), default=None)


def payers_at(known: Sequence[PayingAccount], territory: str, at: datetime) -> frozenset[UUID]:
    """Of ``known``, that of the smallest territory around ``territory`` that stood at that moment; where none did,
    nobody wrote down which it was, and each around it may be."""
    around = [one for one in known if territory.startswith(one.territory)]
    stood = [one for one in around if one.opened_at <= at]
    found = [max(stood, key=lambda one: len(one.territory))] if stood else around
    return frozenset(one.id for one in found)


def channel_of(work: Work, territory: str) -> Channel:
    found = account_paying(work, territory)
    return found.channel if found else Channel.SERVER
