"""Finding a person for who stands in for them: by number or by IIN, and by which name to greet them.

Every search and every look at somebody else's name leaves an event, once a day where it is the same look.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from contracts.audit.queries import happened_since, times_since
from contracts.audit.service import record
from contracts.kernel.calendar import start_of
from contracts.kernel.errors import Malformed, NotAllowed
from contracts.kernel.ids import parse_iin
from contracts.kernel.work import Role, Work
from market.recipient import queries
from market.recipient.queries import Recipient
from market.recipient.rules import RecipientNotFound
from market.user.personal import Vault

IIN_DIGITS = 12
MAX_NUMBER = 20
MAX_VAIN = (
    30  # searches an hour that found nobody: a clerk mistypes now and then, who tries out numbers does nothing else
)
AN_HOUR = timedelta(hours=1)
IN_VAIN = "searched-in-vain"
NAMED = "name-shown"


class TooManySearches(NotAllowed):
    code = "too-many-searches"
    title = "Too many searches found nobody; wait an hour"


def find(work: Work, vault: Vault, asked: str) -> Recipient | None:
    """Whom an operator looks for, by the number on a paper or by IIN. None for nobody in the operator's territory: that
    is kept as an event too, so the caller says so after the commit. Raises Malformed, TooManySearches."""
    work.actor.require(Role.OPERATOR)
    _check_patience(work)
    text = "".join(asked.split()).upper()
    found = _by_iin(work, vault, text) if text.isdigit() else _by_number(work, text)
    if found is not None and work.actor.has(Role.OPERATOR, territory=found.territory):
        work.act_for(found.id, Role.OPERATOR, territory=found.territory)
        record(work, "recipient", found.id, "found-by-iin" if text.isdigit() else "found-by-number")
        return found
    if work.actor.id is not None:
        record(work, "user", work.actor.id, IN_VAIN)
    return None


def _check_patience(work: Work) -> None:
    """Before anything is looked up: beyond the limit a number that exists looks like one that does not."""
    asked_by = work.actor.id
    if asked_by and times_since(work, "user", asked_by, verb=IN_VAIN, since=work.now - AN_HOUR) >= MAX_VAIN:
        raise TooManySearches(rule="vain-searches-an-hour")


def _by_iin(work: Work, vault: Vault, text: str) -> Recipient | None:
    if len(text) != IIN_DIGITS:
        raise Malformed("An IIN has twelve digits", pointer="/who", rule="iin-form")
    return queries.recipient_of_iin(work, vault.iin_hmac(parse_iin(text, pointer="/who")))


def _by_number(work: Work, text: str) -> Recipient | None:
    if not 0 < len(text) <= MAX_NUMBER or not text.isascii():
        raise Malformed("Write the number on the person's papers, or an IIN", pointer="/who", rule="number-form")
    try:
        return queries.recipient_numbered(work, text if text.startswith("R-") else f"R-{text}")
    except RecipientNotFound:
        return None


def names_known(work: Work, vault: Vault, people: Sequence[Recipient]) -> dict[UUID, str]:
    """Names the actor may read without a further event: their own, and those they were shown today already. Nobody
    learns here the name of somebody they neither are nor stand in for. Who was erased has none."""
    since = start_of(work.today)
    seen = [
        one
        for one in people
        if (role := _capacity(work, one)) is Role.RECIPIENT
        or (role is not None and happened_since(work, "recipient", one.id, verb=NAMED, since=since))
    ]
    return _opened(work, vault, seen)


def names_shown(work: Work, vault: Vault, people: Sequence[Recipient]) -> dict[UUID, str]:
    """As :func:`names_known`, for all the actor stands in for: each look leaves an event, one a day."""
    known = names_known(work, vault, people)
    fresh = [one for one in people if one.id not in known and _capacity(work, one) is not None]
    opened = _opened(work, vault, fresh)
    for recipient_id in opened:
        (one,) = (p for p in fresh if p.id == recipient_id)
        work.act_for(one.id, Role.OPERATOR, territory=one.territory)
        record(work, "recipient", one.id, NAMED)
    return known | opened


def _capacity(work: Work, one: Recipient) -> Role | None:
    return work.actor.capacity_for(one.id, Role.OPERATOR, territory=one.territory)


def _opened(work: Work, vault: Vault, people: Sequence[Recipient]) -> dict[UUID, str]:
    """In the order asked for; one statement for the keys and one for the names."""
    keys = vault.people(work, [one.id for one in people])
    names = dict(queries.sealed_names(work, list(keys)))
    return {one.id: keys[one.id].open_text(names[one.id]) for one in people if one.id in keys}
