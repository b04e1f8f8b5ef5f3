"""The accounts of the chain: appropriated -> reserved -> committed -> payable -> paid."""

from enum import StrEnum

from contracts.kernel.errors import Conflict, RuleBroken

MAX_TOTAL = (
    10**18
)  # a thousand times the largest amount: two of them add up far below 2^63, where SQLite turns to floats


class AccountKind(StrEnum):
    """What the balance (credits less debits) of an account means."""

    TREASURY = "treasury"  # where appropriations come from; may be overdrawn
    APPROPRIATED = "appropriated"  # of a funding line: free money
    RESERVED = "reserved"  # of a voucher
    COMMITTED = "committed"  # of an engagement
    PAYABLE = "payable"  # of an accepted act
    PAID = "paid"  # of a funding line: what providers have received
    RECOVERY = "recovery"  # of a payment: what its payee received beyond it, and has to give back
    RECIPIENTS = "recipients"  # of a funding line: what its acts ask of recipients comes from here; may be overdrawn
    DUE = "due"  # of a due: what its recipient has not paid yet
    COLLECTED = "collected"  # of a funding line: what recipients have paid, revenue of the budget and not the line's


OVERDRAWABLE = (AccountKind.TREASURY, AccountKind.RECIPIENTS)  # the world outside, seen from the books


class TransferKind(StrEnum):
    POSTED = "posted"  # moved at once
    PENDING = "pending"  # waits on the outside
    POST = "post"  # resolves a pending one: it happened
    VOID = "void"  # resolves a pending one: it did not


class InsufficientFunds(Conflict):
    code = "insufficient-funds"
    title = "There is not enough money on the account"


class TotalTooLarge(RuleBroken):
    code = "account-total-too-large"
    title = "More money has passed through this account than it can count"


class AlreadyResolved(Conflict):
    code = "transfer-already-resolved"
    title = "This pending transfer was resolved before"
