"""A batch of payments as a bank's order to pay: ISO 20022 pain.001.001.09."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from contracts.kernel.money import KZT, decimal_string
from contracts.payment.iso20022 import PAIN, document, hang, written

LONGEST_NAME = 140  # ISO's own limits
LONGEST_ID = 35


@dataclass(frozen=True, slots=True)
class Payer:
    """Whose account is debited."""

    name: str
    iban: str
    bic: str | None


@dataclass(frozen=True, slots=True)
class Credit:
    """``number`` is the payment's: the bank carries it through to its statement as the end-to-end id."""

    number: str
    amount_minor: int
    name: str
    bin: str
    iban: str
    about: str


def credit_transfers(
    number: str, payer: Payer, credits_: Sequence[Credit], *, made_at: datetime, pay_on: date
) -> bytes:
    """The same batch makes the same bytes, however often it is asked for."""
    assert credits_, "an order to pay pays somebody"
    total = decimal_string(sum(credit.amount_minor for credit in credits_))
    root = document(PAIN)
    message = hang(root, "CstmrCdtTrfInitn")
    head = hang(message, "GrpHdr")
    for name, text in (
        ("MsgId", number[:LONGEST_ID]), ("CreDtTm", made_at.strftime("%Y-%m-%dT%H:%M:%SZ")),
        ("NbOfTxs", str(len(credits_))), ("CtrlSum", total), ("InitgPty/Nm", payer.name[:LONGEST_NAME]),
    ):  # fmt: skip
        hang(head, name, text)
    order = hang(message, "PmtInf")
    for name, text in (
        ("PmtInfId", number[:LONGEST_ID]), ("PmtMtd", "TRF"), ("BtchBookg", "false"),
        ("NbOfTxs", str(len(credits_))), ("CtrlSum", total), ("ReqdExctnDt/Dt", pay_on.isoformat()),
        ("Dbtr/Nm", payer.name[:LONGEST_NAME]), ("DbtrAcct/Id/IBAN", payer.iban), ("DbtrAcct/Ccy", KZT),
        ("DbtrAgt/FinInstnId/BICFI" if payer.bic else "DbtrAgt/FinInstnId/Othr/Id", payer.bic or "NOTPROVIDED"),
        ("ChrgBr", "DEBT"),
    ):  # fmt: skip
        hang(order, name, text)
    for credit in credits_:
        _add(order, credit)
    return written(root, PAIN)


def _add(order: object, credit: Credit) -> None:
    transfer = hang(order, "CdtTrfTxInf")
    hang(transfer, "PmtId/InstrId", credit.number)
    hang(transfer, "PmtId/EndToEndId", credit.number)
    hang(transfer, "Amt/InstdAmt", decimal_string(credit.amount_minor), Ccy=KZT)
    hang(transfer, "Cdtr/Nm", credit.name[:LONGEST_NAME])
    hang(transfer, "Cdtr/Id/OrgId/Othr/Id", credit.bin)
    hang(transfer, "CdtrAcct/Id/IBAN", credit.iban)
    hang(transfer, "RmtInf/Ustrd", credit.about[:LONGEST_NAME])
