"""What must become of visits and absences."""

from datetime import date, timedelta

from tests.chain import stays
from tests.chain.people import Absence, Act, Engagement, Visit, half_up, month_of, refuse
from tests.chain.state import State

MOST_WRONG = 5
AROUND = timedelta(hours=1)
NOTICE = timedelta(hours=24)
SHARES = {"hospital": 0, "no-show": 50, "short-notice": 33}  # of the price, in percent


def enter(state: State, visit: Visit, *, on_staff: bool = True) -> Visit:
    """The visit that stands now: this one, or the one that stood."""
    for other in state.visits:
        if other.engagement is visit.engagement and other.client == visit.client:
            same = (other.worker, other.start, other.end, other.quantity)
            refuse("client-id-reused", when=same != (visit.worker, visit.start, visit.end, visit.quantity))
            return other
    refuse("worker-not-on-staff", when=not on_staff)
    refuse("visit-in-the-future", when=visit.end > state.now)
    last, engagement = visit.end - timedelta(seconds=1), visit.engagement
    measured = engagement.home.unit == "hour"
    refuse("visit-in-two-months", when=measured and month_of(last.date()) != visit.month)
    refuse("visit-before-engagement", when=visit.day < engagement.from_on)
    refuse("visit-after-engagement", when=visit.day >= engagement.until_on)
    refuse("engagement-not-active", when=not visit.is_served)
    others = [one for one in state.visits if one.meets(visit.start, visit.end)]
    refuse("worker-elsewhere", when=any(one.worker == visit.worker for one in others))
    person = engagement.voucher.person
    refuse("recipient-elsewhere", when=any(one.engagement.voucher.person == person for one in others))
    missed = [one.planned for one in _absences(state, engagement) if one.planned is not None]
    refuse("absence-and-visit", when=any(visit.start - AROUND < at < visit.end for at in missed))
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


def _absences(state: State, engagement: Engagement) -> list[Absence]:
    return [one for one in state.absences if one.engagement is engagement and one.stands]


def miss(state: State, absence: Absence) -> Absence:
    """A stay in a hospital, which stops the service on its days, or one visit that did not take place."""
    engagement, planned, told = absence.engagement, absence.planned, absence.told
    refuse("absence-days", when=absence.until_on > state.today + timedelta(days=1) if planned is None else
           planned > state.now)  # fmt: skip
    outside = absence.from_on < engagement.from_on or absence.until_on > engagement.until_on
    refuse("absence-days", when=outside)
    refuse("engagement-not-active", when=planned is not None and not absence.is_served)
    missed = [one.quantity for one in _absences(state, engagement) if one.planned and one.month == absence.month]
    refuse("visit-not-planned", when=sum(missed) + absence.quantity > engagement.voucher.units)
    mine = [one for one in state.visits if one.engagement is engagement and one.status != "cancelled"]
    if planned is None:
        visited = any(absence.from_on <= one.day < absence.until_on for one in mine)
    else:
        visited = any(one.start < planned + AROUND and one.end > planned for one in mine)
    there = [
        one for one in _absences(state, engagement) if one.from_on < absence.until_on and absence.from_on < one.until_on
    ]
    away = any(planned is None or one.planned in (None, planned) for one in there)
    refuse("absence-and-visit", when=visited or away)
    if planned is not None and told is not None:
        refuse("absence-days", when=told > planned)
        refuse("notice-in-time", when=planned - told >= NOTICE)
    absence.payable = costs_of(absence)
    if planned is None:
        engagement.away.append((absence.from_on, absence.until_on, "stay"))
    state.absences.append(absence)
    _stops_the_clock(state, absence)
    return absence


def costs_of(absence: Absence) -> int:
    return half_up(absence.engagement.price_on(absence.from_on) * SHARES[absence.kind], 100) * absence.quantity


def take_absence_back(state: State, absence: Absence) -> None:
    engagement, held = absence.engagement, absence.act
    same = [a for a in state.acts if a.home is engagement.home and a.month == absence.month]
    act = max(same, key=lambda one: one.part, default=None)
    refuse("absence-withdrawn", when=not absence.stands)
    refuse("absence-in-act", when=held is not None and not (held is act and held.is_open))
    absence.stands, absence.act = False, None
    if absence.planned is None:
        engagement.away.remove((absence.from_on, absence.until_on, "stay"))
    if held is not None:
        fall_apart(state, held)
    _stops_the_clock(state, absence)


def _stops_the_clock(state: State, absence: Absence) -> None:
    if absence.planned is None:
        stays.set_clock(state, absence.engagement)


def strike(state: State, visit: Visit) -> None:
    same = [a for a in state.acts if a.home is visit.engagement.home and a.month == visit.month]
    act = max(same, key=lambda one: one.part, default=None)
    held = visit.act
    refuse("entry-in-act", when=held is not None and not (held is act and held.is_open))
    refuse("wrong-state", when=visit.status == "cancelled")
    visit.status, visit.act = "cancelled", None
    if held is not None:
        fall_apart(state, held)


def fall_apart(state: State, act: Act) -> None:
    for one in [*state.visits, *state.absences]:
        if one.act is act:
            one.act = None
    act.lines = []
