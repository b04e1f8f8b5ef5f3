"""What cannot be read, said in the reader's language by the rule it breaks: the words of the code speak English."""

from collections.abc import Mapping

from market.web.language import _

_REASON = _("Give a reason, and make it shorter if it is long")
_ABOVE_NOTHING = _("Write an amount above 0")
_PERIOD = _("The last day must not lie before the first")
_DOCUMENT = _("Name the document that sets it")
UNREADABLE: Mapping[str, str] = {
    "iin-form": _("An IIN has twelve digits: look at it again"),
    "iin-check-digit": _("The last digit of an IIN checks the others, and it does not fit: look at it again"),
    "iin-birth-date": _("The first six digits of an IIN are the day of birth: look at it again"),
    "bin-form": _("This is no BIN: it has twelve digits, look at it again"),
    "bin-check-digit": _("The last digit of a BIN checks the others, and it does not fit: look at it again"),
    "iban-form": _("This is no account: it begins with KZ and has 20 characters, look at it again"),
    "iban-country": _("The account must be with a bank in Kazakhstan"),
    "legal-name": _("Write the legal name, in at most 300 characters"),
    "reason-given": _REASON,
    "positive-amount": _ABOVE_NOTHING,
    "voucher-amount": _("This is more than a voucher can be worth"),
    "period-order": _PERIOD,
    "period": _PERIOD,
    "stay-days": _("A stay has a first and a last day"),
    "percent": _("Write a whole number from 0 to 100"),
    "source-named": _DOCUMENT,
}
