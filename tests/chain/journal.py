"""What must become of visits and absences."""

from datetime import date, timedelta

from tests.chain.people import Engagement, Visit, month_of, refuse
from tests.chain.state import State

MOST_WRONG = 5


def enter(state: State, visit: Visit, *, on_staff: bool = True) -> Visit:
    """The visit that stands now: this one, or the one that stood."""
    for other in state.visits:
        if other.engagement is visit.engagement and other.client == visit.client:
            same = (other.worker, other.start, other.end, other.quantity)
            refuse("client-id-reused", when=same != (visit.worker, visit.start, visit.end, visit.quantity))
            return other
    refuse("worker-not-on-staff", when=not on_staff)
    refuse("visit-in-the-future", when=visit.end > state.now)
    last = visit.end - timedelta(seconds=1)
    refuse("visit-in-two-months", when=month_of(last.date()) != visit.month)
    engagement = visit.engagement
    refuse("visit-before-engagement", when=visit.day < engagement.from_on)
    refuse("visit-after-engagement", when=visit.day >= engagement.until_on)
    refuse("engagement-not-active", when=not visit.is_served)
    others = [one for one in state.visits if one.meets(visit.start, visit.end)]
    refuse("worker-elsewhere", when=any(one.worker == visit.worker for one in others))
    person = engagement.voucher.person
    refuse("recipient-elsewhere", when=any(one.engagement.voucher.person == person for one in others))
    state.visits.append(visit)
    return visit


def confirm(_state: State, visit: Visit) -> None:
    refuse("wrong-state", when=visit.status != "entered")
    visit.status = "confirmed"


def spent_codes(state: State, engagement: Engagement, day: date) -> int:
    return sum(1 for one in state.visits if one.engagement is engagement and one.day == day and one.by_code)


def confirm_by_code(_state: State, visit: Visit, *, right: bool) -> bool:
    """Whether it was believed."""
    refuse("wrong-state", when=visit.status != "entered")
    wrong = visit.engagement.wrong_codes
    refuse("visit-code-locked", when=wrong.get(visit.day, 0) >= MOST_WRONG)
    if right:
        visit.status, visit.by_code = "confirmed", True
    else:
        wrong[visit.day] = wrong.get(visit.day, 0) + 1
    return right


def strike(state: State, visit: Visit) -> None:
    same = [a for a in state.acts if a.home is visit.engagement.home and a.month == visit.month]
    act = max(same, key=lambda one: one.part, default=None)
    held = visit.act
    refuse("entry-in-act", when=held is not None and not (held is act and held.is_open))
    refuse("wrong-state", when=visit.status == "cancelled")
    visit.status, visit.act = "cancelled", None
    if held is not None:
        fall_apart(state, held)


def fall_apart(state: State, act: object) -> None:
    for one in [*state.visits, *state.absences]:
        if one.act is act:
            one.act = None
    act.lines = []  # type: ignore[attr-defined] # an act
