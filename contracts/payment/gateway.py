"""The port through which money leaves the house: what the worker asks of a payment server, and how it can go wrong.

Whoever implements it keeps three promises: a call with the same key is carried out at most once while the server
remembers the key; a definite refusal (nothing happened, nothing will) is told from an unknown outcome; what the
server says is handed on as it is, never guessed.
"""

from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from contracts.kernel.errors import DomainError, Unavailable
from contracts.payment.doubts import Doubt
from contracts.payment.rules import Fate


class GatewayRefused(DomainError):
    """The server decided against it: nothing happened, and nothing will under this key."""

    code = "gateway-refused"
    title = "The payment server refuses this"


class GatewayTrouble(Unavailable):
    """Try again later, and look first."""


class GatewayUnavailable(GatewayTrouble):
    """Not reached, not admitted, or told to come again: nothing happened."""

    code = "gateway-unavailable"
    title = "The payment server cannot be used now"


class OutcomeUnknown(GatewayTrouble):
    """Asked, and no answer that tells: it may have happened, or happen yet.

    ``replayed``: the server says that the request with this key ended, long ago, in an error of its own; no request
    with the key will ever be carried out again, so a look-up now tells the truth. ``strange``: an answer came, and it
    is one that no outage explains.
    """

    code = "gateway-outcome-unknown"
    title = "The payment server did not say what became of it"

    def __init__(self, detail: str = "", *, replayed: bool = False, strange: bool = False) -> None:
        super().__init__(detail)
        self.replayed = replayed
        self.strange = strange


class Disagreement(DomainError):
    """The server's books and ours differ: a person must look."""

    code = "gateway-disagrees"
    title = "The payment server's books differ from ours"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who is to be paid: one version of a payee has one account at the server."""

    payee_version_id: UUID
    legal_name: str
    bin: str
    iban: str


@dataclass(frozen=True, slots=True)
class TransferOrder:
    """``payment_id`` groups the transfer and is the first key it is sent under. It pays an act or an advance."""

    payment_id: UUID
    number: str
    act_id: UUID | None
    amount_minor: int
    currency: str
    destination: str
    advance_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SentTransfer:
    """A transfer as the server tells it. ``group`` is the payment's id where it is ours."""

    id: str
    amount_minor: int
    reversed_minor: int
    currency: str
    destination: str | None
    group: str | None


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of a transfer; ``payout`` carries it, or carried it last; ``arrives_on``: the day on which the server
    says that it is in the bank."""

    transfer: SentTransfer
    fate: Fate
    payout: str | None
    arrives_on: date | None = None


class Gateway(Protocol):
    """Every call may raise GatewayRefused, GatewayUnavailable, OutcomeUnknown or Disagreement (a key misused)."""

    def create_account(self, holder: Holder, *, key: str) -> str:
        """The new account's id."""

    def find_account(self, payee_version_id: UUID) -> str | None:
        """The account that was made for this version, whatever its key."""

    def create_transfer(self, order: TransferOrder, *, key: str) -> SentTransfer: ...

    def find_transfers(self, payment_id: UUID) -> list[SentTransfer]:
        """All transfers of the payment's group."""

    def find_out(self, transfer_id: str) -> Finding:
        """Where the transfer's money is now."""

    def reverse(self, transfer_id: str, *, amount_minor: int, key: str) -> None:
        """Take the money back from the payee's account at the server."""

    def close(self) -> None: ...


def check_echo(order: TransferOrder, told: SentTransfer) -> SentTransfer:
    """The transfer, if it is what we ordered. Raises Disagreement."""
    for what, ours, theirs in (
        ("amount", order.amount_minor, told.amount_minor),
        ("currency", order.currency.lower(), told.currency.lower()),
        ("destination", order.destination, told.destination),
        ("transfer group", str(order.payment_id), told.group),
    ):
        if ours != theirs:
            differs = Doubt.OTHER_THAN_ORDERED
            raise Disagreement(differs.of(transfer=told.id, what=what, theirs=theirs, ours=ours))
    return told
