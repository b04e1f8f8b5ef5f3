"""The accounts of the chain: appropriated -> reserved -> committed -> payable -> paid."""

from enum import StrEnum

from contracts.kernel.errors import Conflict


class AccountKind(StrEnum):
    """What the balance (credits less debits) of an account means."""

    TREASURY = "treasury"  # where appropriations come from; the only kind that may be overdrawn
    APPROPRIATED = "appropriated"  # of a funding line: free money
    RESERVED = "reserved"  # of a voucher
    COMMITTED = "committed"  # of an engagement
    PAYABLE = "payable"  # of an accepted act
    PAID = "paid"  # of a funding line: what providers have received


class TransferKind(StrEnum):
    POSTED = "posted"  # moved at once
    PENDING = "pending"  # waits on the outside
    POST = "post"  # resolves a pending one: it happened
    VOID = "void"  # resolves a pending one: it did not


class InsufficientFunds(Conflict):
    code = "insufficient-funds"
    title = "There is not enough money on the account"


class AlreadyResolved(Conflict):
    code = "transfer-already-resolved"
    title = "This pending transfer was resolved before"
