"""A visit confirmed by the code that its recipient told who came.

A wrong code must be counted, and what is raised is rolled back: so it is returned, and whoever asked raises it after
the commit.
"""

from datetime import date, timedelta
from uuid import UUID

from contracts.audit.service import record
from contracts.contract import queries as contracts
from contracts.contract.rules import Engagement, EngagementNotFound, is_served_on
from contracts.kernel.errors import NotFound
from contracts.kernel.ids import new_id
from contracts.kernel.work import Role, Work
from contracts.register import queries
from contracts.register.codes import MAX_WRONG, PAPER_DAYS, CodesLocked, WrongCode, code_of, is_same, parse_code
from contracts.register.models import WrongCodeRow
from contracts.register.rules import ENTRY, Confirmation, Entry, EntryNotFound, OwnProvidersVisit
from contracts.register.service import check_served_on, move, own_engagement, take_turns


def code_today(work: Work, key: bytes, engagement_id: UUID) -> str:
    """What the recipient tells who comes today. To the recipient or a representative, or an operator, who leaves an
    event. Raises EngagementNotFound, OwnProvidersVisit, NotServedThatDay."""
    engagement = _of_recipient(work, engagement_id)
    check_served_on(work, engagement, work.today)
    if work.stand_in is not None and work.stand_in.capacity is Role.OPERATOR:
        record(work, "engagement", engagement_id, "code-told")
    return code_of(key, engagement_id, work.today, queries.codes_spent(work, engagement_id, work.today))


def codes_on_paper(work: Work, key: bytes, engagement_id: UUID, *, days: int = PAPER_DAYS) -> list[tuple[date, str]]:
    """The first code of each day from today on, for somebody without a telephone. Leaves an event, whoever asks."""
    engagement = _of_recipient(work, engagement_id)
    suspended = contracts.suspensions(work, engagement_id)
    ahead = [work.today + timedelta(days=n) for n in range(max(1, min(days, PAPER_DAYS)))]
    record(work, "engagement", engagement_id, "codes-printed")
    return [
        (day, code_of(key, engagement_id, day, queries.codes_spent(work, engagement_id, day)))
        for day in ahead
        if is_served_on(engagement, suspended, day)
    ]


def confirm_by_code(work: Work, key: bytes, entry_id: UUID, *, code: str) -> WrongCode | None:
    """The provider's people pass on what they were told: the recipient confirms through them. A code that was wrong is
    counted and returned. Raises CodesLocked, WrongState, Malformed."""
    given, found = parse_code(code), queries.entry(work, entry_id)
    try:
        engagement = own_engagement(work, found.engagement_id)
    except EngagementNotFound:
        raise EntryNotFound from None
    take_turns(work, found.recipient_id)  # before the row's lock, as whoever enters a visit does
    entry = queries.entry(work, entry_id, lock=True)
    ENTRY.after("confirmed", entry.status)
    wrong = check_code(work, key, engagement, entry.served_on, given)
    if wrong is None:
        take_word(work, entry)
    return wrong


def check_code(work: Work, key: bytes, engagement: Engagement, day: date, given: str) -> WrongCode | None:
    """The caller has taken the recipient's turn, so of many guesses at once each sees the count of those before.

    Raises CodesLocked, and OwnProvidersVisit to somebody of the house who is the recipient, too.
    """
    if engagement.recipient_id in work.actor.recipients():
        raise OwnProvidersVisit(rule="not-ones-own-provider")
    wrong = queries.wrong_codes(work, engagement.id, day)
    if wrong is not None and wrong.wrong >= MAX_WRONG:
        raise CodesLocked
    expected = code_of(key, engagement.id, day, queries.codes_spent(work, engagement.id, day))
    if is_same(given, expected):
        return None
    count = 1 if wrong is None else wrong.wrong + 1
    if wrong is None:
        work.insert(WrongCodeRow, id=new_id(), engagement_id=engagement.id, served_on=day, wrong=count)
    else:
        work.update(WrongCodeRow, wrong.id, wrong=count)
    record(work, "engagement", engagement.id, "code-refused")
    return WrongCode(MAX_WRONG - count)


def take_word(work: Work, entry: Entry) -> None:
    """The code was right: the recipient has confirmed. The caller holds the entry's row or has just written it."""
    how = Confirmation.CODE
    move(work, entry, "confirmed", confirmed_by=entry.recipient_id, confirmed_at=work.now, confirmed_how=how)


def _of_recipient(work: Work, engagement_id: UUID) -> Engagement:
    engagement = contracts.engagement(work, engagement_id)
    contract = contracts.contract(work, engagement.contract_id)
    try:
        work.act_for(engagement.recipient_id, Role.OPERATOR, territory=contract.territory)
    except NotFound:
        raise EngagementNotFound from None
    if contract.provider_id in work.actor.providers():
        raise OwnProvidersVisit(rule="not-ones-own-provider")
    return engagement
