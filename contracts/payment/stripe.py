"""The payment server as Stripe's API describes it, by httpx: any server that keeps to that description will do.

Money moves in two hops: a transfer from the platform to the payee's connected account, then a payout from there to the
bank, which the server makes by itself. A payout names what it carries through the balance transactions of the
connected account; a payout that failed gives its money back as a transaction that names the failed payout.
"""

import ssl
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Generic, TypeVar
from uuid import UUID

import httpx
import msgspec

from contracts.payment.gateway import (
    Disagreement,
    Finding,
    GatewayRefused,
    GatewayUnavailable,
    Holder,
    OutcomeUnknown,
    SentTransfer,
    TransferOrder,
)
from contracts.payment.rules import Fate

API_VERSION = "2026-05-27.dahlia"  # the description that the tests hold us to
TIMEOUTS = httpx.Timeout(connect=3.0, read=10.0, write=5.0, pool=5.0)
LONGEST_ANSWER = 20.0  # seconds in all: a server that drips bytes must not hold a worker
LARGEST_ANSWER = 8_000_000  # bytes: a hundred accounts take about 0.3 MB
PAGE = 100  # Stripe's own limit
MAX_PAGES = 200  # twenty thousand objects: past this the question is wrong
DEFINITE = {400, 402, 404}
NOTHING_DONE = {401, 403, 429}

T = TypeVar("T")


class _Transfer(msgspec.Struct):
    id: str
    amount: int
    amount_reversed: int
    currency: str
    created: int
    destination: str | None = None
    destination_payment: str | None = None
    transfer_group: str | None = None

    def told(self) -> SentTransfer:
        return SentTransfer(
            self.id, self.amount, self.amount_reversed, self.currency, self.destination, self.transfer_group
        )


class _Account(msgspec.Struct):
    id: str
    metadata: dict[str, str] = {}


class _Payout(msgspec.Struct):
    id: str
    status: str
    automatic: bool
    arrival_date: int | None = None

    @property
    def arrives_on(self) -> date | None:
        return None if self.arrival_date is None else datetime.fromtimestamp(self.arrival_date, UTC).date()


class _Movement(msgspec.Struct):
    """A balance transaction."""

    id: str
    source: str | None = None


class _Reversal(msgspec.Struct):
    id: str


class Page(msgspec.Struct, Generic[T]):
    data: list[T]
    has_more: bool


class _Error(msgspec.Struct):
    type: str
    code: str | None = None
    message: str = ""


class _Refusal(msgspec.Struct):
    error: _Error


# Made here, by the one thread that imports: msgspec ends the process where two threads meet a type for the first time.
Answer = msgspec.json.Decoder
_ACCOUNT, _ACCOUNTS = Answer(_Account), Answer(Page[_Account])
_TRANSFER, _TRANSFERS = Answer(_Transfer), Answer(Page[_Transfer])
_PAYOUTS, _MOVEMENTS = Answer(Page[_Payout]), Answer(Page[_Movement])
_REVERSAL, _REFUSAL = Answer(_Reversal), Answer(_Refusal)


class StripeGateway:
    """One a process: the connection pool is shared between threads. ``transport`` lets a test listen in."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        transport: httpx.BaseTransport | None = None,
        timeouts: httpx.Timeout = TIMEOUTS,
        verify: ssl.SSLContext | bool = True,
    ) -> None:
        self._client = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {key}", "Stripe-Version": API_VERSION},
            timeout=timeouts,
            follow_redirects=False,
            trust_env=False,
            transport=transport,
            verify=verify,
        )

    def close(self) -> None:
        self._client.close()

    def create_account(self, holder: Holder, *, key: str) -> str:
        form = {
            "country": "KZ",
            "controller[fees][payer]": "application",
            "controller[losses][payments]": "application",
            "controller[requirement_collection]": "application",
            "controller[stripe_dashboard][type]": "none",
            "capabilities[transfers][requested]": "true",
            "business_type": "company",
            "company[name]": holder.legal_name,
            "company[tax_id]": holder.bin,
            "bank_account[object]": "bank_account",
            "bank_account[account_number]": holder.iban,
            "bank_account[country]": "KZ",
            "bank_account[currency]": "kzt",
            "metadata[payee_version]": str(holder.payee_version_id),
        }
        return self._ask("POST", "/v1/accounts", _ACCOUNT, form=form, key=key).id

    def find_account(self, payee_version_id: UUID) -> str | None:
        # Stripe filters accounts by time only, and our clock is not the server's: all are read, the newest first
        for account in self._all("/v1/accounts", _ACCOUNTS, {}):
            if account.metadata.get("payee_version") == str(payee_version_id):
                return account.id
        return None

    def create_transfer(self, order: TransferOrder, *, key: str) -> SentTransfer:
        form = {
            "amount": str(order.amount_minor),
            "currency": order.currency.lower(),
            "destination": order.destination,
            "transfer_group": str(order.payment_id),
            "metadata[payment]": str(order.payment_id),
            "metadata[number]": order.number,
            "metadata[act]" if order.act_id else "metadata[advance]": str(order.act_id or order.advance_id),
        }
        return self._ask("POST", "/v1/transfers", _TRANSFER, form=form, key=key).told()

    def find_transfers(self, payment_id: UUID) -> list[SentTransfer]:
        group = {"transfer_group": str(payment_id)}
        return [transfer.told() for transfer in self._all("/v1/transfers", _TRANSFERS, group)]

    def find_out(self, transfer_id: str) -> Finding:
        transfer = self._ask("GET", f"/v1/transfers/{transfer_id}", _TRANSFER)
        if transfer.amount_reversed >= transfer.amount:
            return Finding(transfer.told(), Fate.REVERSED, None)
        fate, payout = self._follow(transfer)
        if payout is None:
            return Finding(transfer.told(), fate, None)
        arrives_on = None if fate is Fate.BACK else payout.arrives_on
        return Finding(transfer.told(), fate, payout.id, arrives_on)

    def reverse(self, transfer_id: str, *, amount_minor: int, key: str) -> None:
        form = {"amount": str(amount_minor)}
        self._ask("POST", f"/v1/transfers/{transfer_id}/reversals", _REVERSAL, form=form, key=key)

    def _follow(self, transfer: _Transfer) -> tuple[Fate, _Payout | None]:
        """From the payment that arrived on the payee's account through every payout that carried it, oldest first."""
        if transfer.destination is None or transfer.destination_payment is None:
            return Fate.WAITING, None
        since = {"created[gte]": str(transfer.created)}
        payouts = list(self._all("/v1/payouts", _PAYOUTS, since, account=transfer.destination))
        carried, fate = transfer.destination_payment, Fate.WAITING
        carrier: _Payout | None = None
        for payout in reversed(payouts):
            if not payout.automatic or carried not in self._sources(payout.id, transfer.destination):
                continue
            carrier = payout
            match payout.status:
                case "paid":
                    return Fate.PAID, carrier
                case "failed" | "canceled":
                    fate, carried = Fate.BACK, payout.id
                case _:
                    return Fate.WAITING, carrier
        return fate, carrier

    def _sources(self, payout: str, account: str) -> set[str | None]:
        movements = self._all("/v1/balance_transactions", _MOVEMENTS, {"payout": payout}, account=account)
        return {movement.source for movement in movements} - {payout}

    def _all(
        self, path: str, page_of: Answer[Page[T]], params: Mapping[str, str], *, account: str | None = None
    ) -> Iterator[T]:
        """Every object of a list, newest first."""
        asked = {"limit": str(PAGE), **params}
        for _ in range(MAX_PAGES):
            page = self._ask("GET", path, page_of, params=asked, account=account)
            yield from page.data
            if not page.has_more or not page.data:
                return
            asked["starting_after"] = page.data[-1].id  # type: ignore[attr-defined]  # every listed object has an id
        raise GatewayUnavailable(f"{path} lists more than {PAGE * MAX_PAGES} objects")

    def _ask(
        self,
        method: str,
        path: str,
        answer: Answer[T],
        *,
        form: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        key: str | None = None,
        account: str | None = None,
    ) -> T:
        headers = {"Idempotency-Key": key} if key else {}
        if account:
            headers["Stripe-Account"] = account
        try:
            with self._client.stream(method, path, data=form, params=params, headers=headers) as response:
                body = _read(response)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise GatewayUnavailable(f"{type(error).__name__} at {path}") from error
        except httpx.HTTPError as error:
            raise OutcomeUnknown(f"{type(error).__name__} at {path}") from error
        if response.status_code != httpx.codes.OK:
            raise _trouble(response, body, path)
        try:
            return answer.decode(body)
        except msgspec.DecodeError as error:
            raise OutcomeUnknown(f"{path} answered what cannot be read", strange=True) from error


def _read(response: httpx.Response) -> bytes:
    until, body = time.monotonic() + LONGEST_ANSWER, bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > LARGEST_ANSWER or time.monotonic() > until:
            raise OutcomeUnknown("The answer has no end", strange=True)
    return bytes(body)


def _trouble(response: httpx.Response, body: bytes, path: str) -> Exception:
    """What an answer other than 200 means. Only Stripe's own envelope is a refusal; a proxy's page decides nothing."""
    status = response.status_code
    if status in NOTHING_DONE:
        return GatewayUnavailable(f"{path} answered {status}")
    try:
        error = _REFUSAL.decode(body).error
    except msgspec.DecodeError:
        return OutcomeUnknown(f"{path} answered {status}")
    if status in DEFINITE and error.type == "idempotency_error":
        return Disagreement(f"{path}: {error.message[:300]}")
    if status == httpx.codes.NOT_FOUND and error.code != "resource_missing":
        return GatewayUnavailable(f"{path} is not known there")
    if status in DEFINITE:
        return GatewayRefused(f"{error.code or error.type}: {error.message[:300]}")
    replayed = response.headers.get("idempotent-replayed") == "true"
    return OutcomeUnknown(f"{path} answered {status}", replayed=replayed)
