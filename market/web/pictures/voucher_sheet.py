"""A voucher on paper, as values: every text in the reader's language, ready to be set (``sheets/voucher.typ``)."""

from datetime import date

from contracts.kernel.calendar import civil_date
from market.voucher.rules import Voucher, VoucherStatus
from market.web.language import _
from market.web.pictures.job import Sheet
from market.web.pictures.speech import DAY, Speech, day_of


def voucher_sheet(
    language: str, voucher: Voucher, *, holder: str, holder_name: str | None, today: date, address: str
) -> Sheet:
    """``holder`` is the person's number, ``holder_name`` None where the reader may not know it. The QR code holds
    ``address`` and nothing about the person."""
    said = Speech(language)
    values = {
        "language": language,
        "number": voucher.number,
        "date": day_of(voucher.issued_at),
        "issuer": said(_("State social order · special social services")),
        "title": said(_("Social voucher")),
        "note": _note(said, voucher, today),
        "facts": _facts(said, voucher, holder, holder_name),
        "rules_title": said(_("How to use it")),
        "rules": [
            said(_("You choose who helps you.")),
            said(_("The state pays the provider for the service you received. The voucher is not paid out in money.")),
            said(_("Show this sheet to the provider you have chosen, or at a service centre.")),
        ],
        "qr_words": said(_("Is this voucher valid?")),
        "address": address,
        "address_words": said(
            _("The code leads to this address. It tells whether the voucher is valid, and not whose.")
        ),
    }
    return Sheet("voucher", values, qr=address)


def _facts(said: Speech, voucher: Voucher, holder: str, holder_name: str | None) -> list[list[str]]:
    amount = f"{said.say('number', voucher.units_a_month)} ({said.say('words', voucher.unit)})"
    return [
        *([[said(_("Holder")), holder_name]] if holder_name else []),
        [said(_("Holder's number")), holder],
        [said(_("Service")), said.service(voucher.kind, voucher.setting)],
        [said(_("How much a month")), amount],
        [said(_("Pays at most, for one")), said.say("money", voucher.ceiling_minor)],
        [said(_("First day")), said.say("day", voucher.from_on)],
        [said(_("Last day")), said.say("day", voucher.last_until - DAY)],
        [said(_("Region or city")), said.say("place", voucher.territory)],
        [said(_("Issued on")), said.say("day", civil_date(voucher.issued_at))],
    ]


def _note(said: Speech, voucher: Voucher, today: date) -> str | None:
    if voucher.status is VoucherStatus.REVOKED:
        return said(_("This voucher was taken back. It is not valid."))
    if voucher.status is VoucherStatus.CLOSED or voucher.last_until <= today:
        return said(_("The days of this voucher are over. It is not valid."))
    return None
