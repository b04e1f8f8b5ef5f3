"""The password asked once more, before a verb that a thief of a session would like best."""

from collections.abc import Mapping

from market.user.factors import FreshPassword
from market.user.rules import MAX_PASSWORD
from market.web.entrance import prove_own_password, visitor_of
from market.web.language import _
from market.web.pages.form import Reading
from market.web.work import Caller, WebRequest


def fresh_password(
    request: WebRequest, caller: Caller, data: Mapping[str, str], reading: Reading | None = None
) -> FreshPassword:
    """From the field ``password``, after the other fields of ``reading``. Raises Incomplete, WrongPassword,
    TooManyRequests."""
    reading, password = reading or Reading(data), data.get("password", "")[: MAX_PASSWORD + 1]
    if not password:
        reading.wrong("password", _("Fill in this field"))
    reading.check()
    return prove_own_password(caller, visitor_of(request), password)
