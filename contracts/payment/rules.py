from enum import StrEnum


class PaymentStatus(StrEnum):
    """``sending`` is "outcome unknown"; ``sent``: the transfer exists at the peer; ``settled``: the payout is paid."""

    ORDERED = "ordered"
    SENDING = "sending"
    SENT = "sent"
    SETTLED = "settled"
    FAILED = "failed"
    RETURNED = "returned"
    REVERSED = "reversed"
