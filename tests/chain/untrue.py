"""What must become of the money of a visit that never was, or was not missed, to the tiyn: nobody is paid for it, and
who was owes it."""

from uuid import UUID

from tests.chain.people import Absence, Act, Due, Line, Payment, SetOff, Visit, half_up, refuse
from tests.chain.state import LINE, PROVIDER_COLLECTS_FROM, State, cost_of

Served = Visit | Absence
FREE, PAID = ("appropriated", LINE), ("paid", LINE)


# --- two people -------------------------------------------------------------------------------------------------------
def propose(state: State, visit: Served, who: UUID | None) -> None:
    _act_of(visit)
    refuse("wrong-state", when=visit.untrue in {"proposed", "taken"})
    _worth(state, visit)
    visit.untrue, visit.proposed_by = "proposed", who


def disagree(_state: State, visit: Served, who: UUID | None) -> None:
    _check_other_person(visit, who)
    visit.untrue = "refused"


def agree(state: State, visit: Served, who: UUID | None, *, in_batch: bool = False) -> None:
    _check_other_person(visit, who)
    amount, own = _worth(state, visit)
    act = _act_of(visit)
    refuse("act-in-batch", when=in_batch)
    refuse("payment-exists", when=_is_moving(state, act))
    _take(state, act, amount)
    visit.untrue, visit.back, visit.own_back = "taken", amount, own
    if own and act.month < PROVIDER_COLLECTS_FROM:
        _ask_for(state, act)
        due = state.dues[visit.engagement, act.month]
        due.remitted += min(own, due.asked - due.remitted)


def _check_other_person(visit: Served, who: UUID | None) -> None:
    _act_of(visit)
    refuse("take-back-not-found", when=not visit.untrue)
    refuse("wrong-state", when=visit.untrue != "proposed")
    refuse("take-back-second-person", when=who == visit.proposed_by)


def _act_of(visit: Served) -> Act:
    act = visit.act
    if act is None or act.status != "accepted":
        refuse("take-back-no-act")
    assert act is not None
    return act


# --- how much ---------------------------------------------------------------------------------------------------------
def _worth(state: State, visit: Served) -> tuple[int, int]:
    """The budget's and the recipient's part: what the line loses when this visit goes the way of those before it."""
    act = _act_of(visit)
    kind, price = _line_of(visit)
    every: list[Served] = [*state.visits, *state.absences]
    same = [one for one in every if one.act is act and one.engagement is visit.engagement]
    stand = [one for one in same if _line_of(one) == (kind, price) and one.untrue != "taken"]
    of_them = [one for one in act.lines if one.engagement is visit.engagement]
    (line,) = [one for one in of_them if (one.absence, one.price) == (kind, price)]
    was = _comes_to(act, line, stand)
    left = _comes_to(act, line, [one for one in stand if one is not visit])
    refuse("take-back-nothing", when=was == left)
    return was[0] - left[0], was[1] - left[1]


def _line_of(one: Served) -> tuple[str, int]:
    """What the line is of that bills it, and its price."""
    if isinstance(one, Absence):
        return one.kind, one.payable // one.quantity if one.quantity else 0
    return "", one.engagement.price_on(one.day)


def _comes_to(act: Act, line: Line, visits: list[Served]) -> tuple[int, int]:
    """Had the line been of these alone: what was taken off it first, and the recipient asked for no more than it did
    ask."""
    quantity, seconds = (
        sum(one.quantity for one in visits),
        sum(one.seconds for one in visits if isinstance(one, Visit)),
    )
    unit = line.engagement.voucher.unit
    cost = line.price * quantity if line.absence else cost_of(unit, line.price, quantity=quantity, seconds=seconds)
    net = max(0, cost - line.deducted)
    mode, rate = act.vat
    whole = net + half_up(net * rate, 10_000) if mode == "added" else net
    own = min(line.own, whole)
    return (whole - own if act.month >= PROVIDER_COLLECTS_FROM else whole), own


# --- where it is ------------------------------------------------------------------------------------------------------
def _is_moving(state: State, act: Act) -> bool:
    """What paid for the act may still come back, or go."""
    through = [one.payment for one in _paid_with(state, act)]
    return any(p.is_open_ended for p in state.payments if p.of is act or p in through)


def _paid_with(state: State, act: Act) -> list[SetOff]:
    return [one for one in reversed(state.set_offs) if one.act is act and one.left]


def _take(state: State, act: Act, amount: int) -> None:
    """Of what is not paid yet, of what was paid, of what was paid with money that the payee had."""
    unpaid = min(amount, state.books.free("payable", act))
    state.books.move(("payable", act), FREE, unpaid)
    left = amount - unpaid
    arrived = [one for one in state.payments if one.of is act and one.status == "settled"]
    for payment in sorted(arrived, key=lambda one: one.id, reverse=True):
        part = min(left, payment.amount - payment.untrue)
        _owes(state, payment, part)
        payment.untrue += part
        left -= part
    for one in _paid_with(state, act):
        part = min(left, one.left)
        _owes(state, one.payment, part)
        one.left -= part
        left -= part
    assert left == 0, "it was paid somehow"


def _owes(state: State, payment: Payment, amount: int) -> None:
    if amount:
        state.books.open("recovery", payment)
        out_of_paid(state, ("recovery", payment), amount)


def out_of_paid(state: State, goal: tuple[str, object], amount: int) -> None:
    assert amount <= state.books.free(*PAID), "what was paid is there"
    state.books.move(PAID, goal, amount)


# --- what the bank does afterwards ------------------------------------------------------------------------------------
def _owed(state: State, payment: Payment) -> int:
    return state.books.free("recovery", payment) if ("recovery", payment) in state.books.balance else 0


def moved(state: State, payment: Payment, act: Act, was: str) -> None:
    """The payment of an act that was not under way stands where it stands now, and stood at ``was``: its money is the
    act's while it is with us, from wherever the books have it."""
    own, debt = ("payable", act), ("recovery", payment)
    if was == "settled":
        payment.brought = min(_owed(state, payment), payment.untrue)
        state.books.move(debt, own, payment.brought)
        out_of_paid(state, own, payment.amount - payment.brought)
    elif payment.status == "settled":
        state.books.move(own, debt, payment.brought)
        state.books.move(own, PAID, payment.amount - payment.brought)
        payment.brought = 0
    if payment.status == "reversed":
        _given_up(state, payment, act)


def _given_up(state: State, payment: Payment, act: Act) -> None:
    """Nobody was paid for what was untrue. What other acts paid off of it they need not have."""
    state.books.move(("payable", act), FREE, payment.brought)
    _owed_to_others(state, payment, act, payment.untrue - payment.brought)
    payment.brought = payment.untrue = 0


def _owed_to_others(state: State, payment: Payment, act: Act, amount: int) -> None:
    """The latest first."""
    for one in reversed(state.set_offs):
        if one.payment is payment:
            part = min(amount, one.left)
            state.books.move(("payable", act), ("payable", one.act), part)
            one.left -= part
            amount -= part
    assert amount == 0, "they paid it off"


def paid_less(state: State, payment: Payment, act: Act, amount: int) -> None:
    """By the bank, and two people booked it: so much less is owed; the act is owed for what it was right in; the rest
    others had paid off."""
    owed = min(_owed(state, payment), amount)
    state.books.move(("recovery", payment), FREE, owed)
    out_of_paid(state, ("payable", act), amount - owed)
    _owed_to_others(state, payment, act, max(0, amount - owed - (payment.amount - payment.untrue)))


# --- the recipient's part ---------------------------------------------------------------------------------------------
def ask(state: State) -> int:
    """Of whom the agency collects."""
    return sum(_ask_for(state, act) for act in state.acts if act.status == "accepted")


def _ask_for(state: State, act: Act) -> int:
    if act.is_asked or act.month >= PROVIDER_COLLECTS_FROM:
        return 0
    act.is_asked = True
    payers = {line.engagement for line in act.lines if line.own}
    for payer in payers:
        due = state.dues.setdefault((payer, act.month), Due())
        due.asked += sum(line.own for line in act.lines if line.engagement is payer)
    return len(payers)
