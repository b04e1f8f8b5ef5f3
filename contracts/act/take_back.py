"""A visit of an accepted act, or an absence noted instead of one, that is found untrue: what of its money is taken
back, and who decides."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from contracts.act.pricing import Priced, cost_of, priced
from contracts.act.rules import Act, ActLine, LineOf
from contracts.kernel.errors import Malformed, NotAllowed, NotFound, RuleBroken, WrongState
from contracts.kernel.lifecycle import Lifecycle


class TakeBackStatus(StrEnum):
    PROPOSED = "proposed"
    TAKEN = "taken"
    REFUSED = "refused"


class TakeBackCode(StrEnum):
    """What the visit was found to be, or the absence."""

    NEVER_TOOK_PLACE = "never-took-place"
    SHORTER = "shorter-than-written"
    SOMEBODY_ELSE = "somebody-else"
    COUNTED_TWICE = "counted-twice"
    NOT_MISSED = "not-missed"  # the recipient had not missed the visit: nobody came
    OTHER = "other-finding"


OF_VISITS = frozenset(TakeBackCode) - {TakeBackCode.NOT_MISSED}
OF_ABSENCES = frozenset({TakeBackCode.NOT_MISSED, TakeBackCode.COUNTED_TWICE, TakeBackCode.OTHER})
S = TakeBackStatus
TAKE_BACK: Lifecycle[TakeBackStatus] = Lifecycle(
    "take-back",
    {
        "proposed": (frozenset({S.REFUSED}), S.PROPOSED),
        "taken": (frozenset({S.PROPOSED}), S.TAKEN),
        "refused": (frozenset({S.PROPOSED}), S.REFUSED),
    },
)


class TakeBackNotFound(NotFound):
    code = "take-back-not-found"
    title = "Nobody proposed to take this visit's money back"


class NotInAcceptedAct(WrongState):
    code = "take-back-no-act"
    title = "Money is taken back of a visit in an accepted act"


class NothingToTakeBack(RuleBroken):
    code = "take-back-nothing"
    title = "Nothing is paid for this visit"


class TakeBackCodeWrong(Malformed):
    code = "take-back-code"
    title = "A visit is not found to be this, or an absence is not"


class TakeBackSecondPerson(NotAllowed):
    code = "take-back-second-person"
    title = "Who proposed it does not decide on it"


@dataclass(frozen=True, slots=True)
class TakeBack:
    """One visit's or absence's, at most one, under its id. The amounts are known once it is taken: what the budget
    paid, and the recipient's own part."""

    id: UUID
    entry_id: UUID | None
    absence_id: UUID | None
    act_id: UUID
    act_line_id: UUID
    status: TakeBackStatus
    code: TakeBackCode
    note: str
    flag_id: UUID | None
    proposed_by: UUID
    proposed_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    amount_minor: int | None
    copayment_minor: int | None


@dataclass(frozen=True, slots=True)
class Worth:
    """What a visit or absence is worth in its line, in minor units: of the budget's money, and of the recipient's own
    part."""

    amount_minor: int
    copayment_minor: int


@dataclass(frozen=True, slots=True)
class Served:
    """Units and seconds of visits, units of absences."""

    quantity: int
    seconds: int


def worth_of(act: Act, line: ActLine, *, before: Served, with_it: Served) -> Worth:
    """The line without what was taken back before, less the line without this visit too: differences of printed
    figures, so however many visits are taken back they come to what the line was billed at, less what is left."""
    was, left = _without(act, line, before), _without(act, line, with_it)
    return Worth(was.amount_minor - left.amount_minor, was.copayment_minor - left.copayment_minor)


def _without(act: Act, line: ActLine, gone: Served) -> Priced:
    """What an officer took off stands, as far as the rest still comes to it."""
    quantity, seconds = line.quantity - gone.quantity, line.seconds - gone.seconds
    counted = line.what is not LineOf.VISITS
    cost = cost_of(line.unit, line.unit_price_minor, quantity=quantity, seconds=seconds, counted=counted)
    return priced(
        cost,
        deducted_minor=min(line.deducted_minor, cost),
        vat=act.vat,
        charge_minor=line.copayment_minor,
        collector=act.collector,
    )


def check_code(code: TakeBackCode, *, of_absence: bool) -> TakeBackCode:
    if code not in (OF_ABSENCES if of_absence else OF_VISITS):
        raise TakeBackCodeWrong(pointer="/code", rule="found-to-be")
    return code


def check_worth(worth: Worth) -> Worth:
    if worth.amount_minor == worth.copayment_minor == 0:
        raise NothingToTakeBack(rule="worth-something")
    return worth


def check_second_person(one: TakeBack, actor_id: UUID) -> None:
    if actor_id == one.proposed_by:
        raise TakeBackSecondPerson(rule="second-person")
