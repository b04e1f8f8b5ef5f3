"""What must become of acts and payments, to the tiyn."""

from tests.chain import advances, untrue
from tests.chain.journal import fall_apart
from tests.chain.people import (
    Act,
    Advance,
    Engagement,
    Home,
    Line,
    Month,
    Payment,
    Refused,
    after,
    first_of,
    half_up,
    newest,
    refuse,
)
from tests.chain.state import LINE, PROVIDER_COLLECTS_FROM, State, cost_of

APPROVAL_FROM = 5_000_00  # from this sum on one more must agree


def draft(state: State, home: Home, month: Month) -> Act:
    refuse("month-not-over", when=state.today < first_of(after(month)))
    latest = newest(a for a in state.acts if a.home is home and a.month == month)
    refuse("act-exists", when=latest is not None and latest.status != "accepted")
    act = Act(home, month, 0 if latest is None else latest.part + 1)
    assemble(state, act)
    refuse("nothing-to-act", when=not act.lines)
    state.acts.append(act)
    return act


def redraft(state: State, act: Act) -> None:
    refuse("act-not-open", when=not act.is_open)
    fall_apart(state, act)
    assemble(state, act)


def assemble(state: State, act: Act) -> None:
    act.vat = max([v for v in act.home.vats if v[0] <= act.month], default=((0, 0), "exempt", 0))[1:]
    act.lines = [*_of_visits(state, act), *_of_absences(state, act)]
    act.lines.sort(key=lambda line: line.engagement.id)  # of one engagement what was served asks the recipient first
    for line in act.lines:
        reckon(state, act, line)


def _of_visits(state: State, act: Act) -> list[Line]:
    sums: dict[tuple[Engagement, int], list[int]] = {}
    for visit in state.visits:
        mine = visit.engagement.home is act.home and visit.month == act.month
        if mine and visit.status == "confirmed" and visit.act is None and visit.is_served:
            visit.act = act
            found = sums.setdefault((visit.engagement, visit.engagement.price_on(visit.day)), [0, 0])
            found[0] += visit.quantity
            found[1] += visit.seconds
    return [
        Line(engagement, price, cost_of(engagement.voucher.unit, price, quantity=units, seconds=seconds))
        for (engagement, price), (units, seconds) in sorted(sums.items(), key=lambda one: one[0][1])
    ]


def _of_absences(state: State, act: Act) -> list[Line]:
    sums: dict[tuple[Engagement, str, int], int] = {}
    for absence in state.absences:
        mine = absence.engagement.home is act.home and absence.month == act.month
        if mine and absence.is_payable and absence.act is None:
            absence.act = act
            key = (absence.engagement, absence.kind, absence.payable // absence.quantity)
            sums[key] = sums.get(key, 0) + absence.payable
    found = sorted(sums.items(), key=lambda one: one[0][1:])
    return [Line(engagement, price, cost, absence=kind) for (engagement, kind, price), cost in found]


def reckon(state: State, act: Act, line: Line) -> None:
    """Its tax, the recipient's part and what is paid, from what was taken off."""
    mode, rate = act.vat
    net = line.cost - line.deducted
    line.tax = half_up(net * rate, 10_000 + rate if mode == "included" else 10_000)
    whole = net + line.tax if mode == "added" else net
    others = [
        one for a in state.acts if a.home is act.home and a.month == act.month and a is not act for one in a.lines
    ]
    asked = sum(one.own for one in [*others, *act.lines] if one.engagement is line.engagement and one is not line)
    asked -= sum(
        one.own_back or 0
        for one in [*state.visits, *state.absences]
        if one.engagement is line.engagement and one.month == act.month and one.untrue == "taken"
    )
    left = max(0, line.engagement.charge_in(act.month) - asked)
    line.own = min(left, whole)
    line.amount = whole - line.own if act.month >= PROVIDER_COLLECTS_FROM else whole


def _check_served(state: State, act: Act) -> None:
    held = [one for one in [*state.visits, *state.absences] if one.act is act]
    refuse("act-holds-unserved", when=not all(one.is_served for one in held))


def submit(state: State, act: Act) -> None:
    refuse("wrong-state", when=not act.is_open)
    refuse("act-needs-assembly", when=not act.lines)
    _check_served(state, act)
    act.status = "submitted"


def deduct(state: State, act: Act, line: Line, amount: int) -> None:
    refuse("act-not-submitted", when=act.status != "submitted")
    refuse("act-deduction", when=not 0 < amount <= line.cost)
    line.deducted = amount
    _reckon_together(state, act, line)


def restore(state: State, act: Act, line: Line) -> None:
    refuse("act-not-submitted", when=act.status != "submitted")
    refuse("act-deduction", when=line.deducted == 0)
    line.deducted = 0
    _reckon_together(state, act, line)


def _reckon_together(state: State, act: Act, line: Line) -> None:
    """What one line no longer asks its recipient for, the next one does."""
    same = [one for one in act.lines if one.engagement is line.engagement]
    for one in same:
        one.own = 0
    for one in same:
        reckon(state, act, one)


def give_back(_state: State, act: Act) -> None:
    refuse("wrong-state", when=act.status != "submitted")
    act.status = "returned"


def accept(state: State, act: Act, *, own_hand: bool) -> None:
    refuse("wrong-state", when=act.status != "submitted")
    refuse("second-person-needed", when=own_hand)
    _check_served(state, act)
    costs: dict[Engagement, int] = {}
    for line in act.lines:
        costs[line.engagement] = costs.get(line.engagement, 0) + line.amount
    for engagement, amount in costs.items():
        refuse("act-exceeds-commitment", when=amount > state.books.free("committed", engagement))
    state.books.open("payable", act)
    for engagement, amount in costs.items():
        state.books.move(("committed", engagement), ("payable", act), amount)
        engagement.taken_by_acts += amount
    act.status = "accepted"


# --- money leaves -----------------------------------------------------------------------------------------------------
def weight(state: State, act: Act) -> int:
    """The act with all else that was ordered for its home this month: what a threshold is held against."""
    live = [p for p in state.payments if p.of is not act and p.status not in {"failed", "reversed"}]
    return act.total + sum(p.amount for p in live if p.of.home is act.home and p.ordered_in == state.month)


def decide(state: State, act: Act, *, yes: bool) -> None:
    refuse("act-not-accepted", when=act.status != "accepted")
    refuse("nothing-to-approve", when=weight(state, act) < APPROVAL_FROM)
    act.approved = yes


def is_under_way(state: State, act: Act) -> bool:
    return any(p.of is act and p.is_open_ended for p in state.payments)


def _left(state: State, act: Act) -> int:
    refuse("act-not-accepted", when=act.status != "accepted")
    refuse("nothing-to-pay", when=act.total == 0)
    refuse("payment-exists", when=is_under_way(state, act))
    left = state.books.free("payable", act)
    refuse("payment-exists", when=left <= 0)
    refuse("approval-missing", when=act.approved is False or (weight(state, act) >= APPROVAL_FROM and not act.approved))
    return left


def can_be_batched(state: State, act: Act) -> bool:
    """Nothing of it is under way, its home owes nothing, and nobody has said no."""
    ready = act.status == "accepted" and act.approved is not False and not is_under_way(state, act)
    return ready and state.books.free("payable", act) > 0 and not owed(state, act.home)


def weight_together(state: State, acts: list[Act]) -> int:
    """The whole batch, or its heaviest home with all else that was ordered for it this month."""
    parts: dict[Home, int] = {}
    for act in acts:
        parts[act.home] = parts.get(act.home, 0) + state.books.free("payable", act)
    live = [p for p in state.payments if p.of not in acts and p.status not in {"failed", "reversed"}]
    beside = {h: sum(p.amount for p in live if p.of.home is h and p.ordered_in == state.month) for h in parts}
    return max(sum(parts.values()), *(part + beside[home] for home, part in parts.items()))


def order_together(state: State, acts: list[Act], *, approved: bool) -> list[Payment]:
    refuse("approval-missing", when=weight_together(state, acts) >= APPROVAL_FROM and not approved)
    made = [Payment(act, state.books.free("payable", act), ordered_in=state.month) for act in acts]
    for payment in made:
        state.books.hold(("payable", payment.of), payment.amount)
    state.payments += made
    return made


def owed(state: State, home: Home) -> list[Payment]:
    mine = [p for p in state.payments if p.of.home is home and ("recovery", p) in state.books.balance]
    return sorted((p for p in mine if state.books.free("recovery", p) > 0), key=lambda p: p.id)


def order(state: State, act: Act, *, own_hand: bool) -> Payment:
    refuse("third-person-needed", when=own_hand)
    left = _left(state, act)
    refuse("recovery-first", when=owed(state, act.home))
    payment = Payment(act, left, ordered_in=state.month)
    state.books.hold(("payable", act), left)
    state.payments.append(payment)
    return payment


def set_off(state: State, act: Act) -> int:
    before = left = _left(state, act)
    debts = owed(state, act.home)
    refuse("nothing-to-set-off", when=not debts)
    for payment in debts:
        amount = min(left, state.books.free("recovery", payment))
        if amount:
            advances.set_off(state, payment, act, amount)
        left -= amount
    return before - left


def send(state: State, payment: Payment, *, refused: bool) -> None:
    """The worker heard an answer."""
    if payment.status != "ordered":
        return
    if refused:
        was, payment.status = payment.status, "failed"
        _money_moves(state, payment, was)
    else:
        payment.status, payment.server = "sent", payment.server or "waiting"


def look(state: State, payment: Payment) -> None:
    """Our books follow the server's."""
    if payment.status not in {"sent", "settled", "returned"} or payment.is_parked or payment.is_left:
        return
    if payment.reversal:
        if payment.server == "paid":
            payment.reversal = False  # refused: the payee has it
        else:
            payment.server = "reversed"
    goal = {"paid": "settled", "back": "returned", "reversed": "reversed"}.get(payment.server or "", payment.status)
    if goal == payment.status:
        return
    if payment.status == "settled" and _is_for_people(state, payment):
        payment.is_parked, payment.reversal = True, False
        return
    was, payment.status = payment.status, goal
    _money_moves(state, payment, was)


def _is_for_people(state: State, payment: Payment) -> bool:
    """The server has settled money back, and the books went on meanwhile."""
    of, is_lessened = payment.of, payment.is_partly_back or payment.booked_more < 0
    return is_lessened or (isinstance(of, Act) and is_under_way(state, of))


def look_into(payment: Payment) -> None:
    """Two people found that the books are right as they are."""
    payment.is_parked, payment.is_left = False, True


def resume(payment: Payment) -> None:
    refuse("payment-not-parked", when=not payment.is_parked)
    payment.is_parked = False


def _money_moves(state: State, payment: Payment, was: str) -> None:
    of, amount = payment.of, payment.amount
    if isinstance(of, Advance):
        advances.moved(state, payment, of, was)
        return
    if was in {"ordered", "sent"}:
        state.books.held["payable", of] -= amount
        if payment.status == "settled":
            state.books.move(("payable", of), ("paid", LINE), amount)
    else:
        untrue.moved(state, payment, of, was)


def reverse(_state: State, payment: Payment) -> None:
    refuse("wrong-state", when=payment.status not in {"sent", "settled", "returned"})
    refuse("reversal-already-ordered", when=payment.reversal)
    payment.reversal, payment.is_parked, payment.is_left = True, False, False


def bank_paid_otherwise(state: State, payment: Payment, more: int) -> None:
    """The statement says another sum than ours, and two people book it."""
    of, is_new = payment.of, ("recovery", payment) not in state.books.balance
    debt = 0 if is_new else state.books.free("recovery", payment)
    if more > 0:
        state.books.open("recovery", payment)
        try:
            state.books.move(("appropriated", LINE), ("recovery", payment), more)
        except Refused:
            if is_new:
                del state.books.balance["recovery", payment]
            raise
    elif more < 0 and isinstance(of, Advance):
        advances.paid_less(state, payment, of, -more)
    elif more < 0:
        untrue.paid_less(state, payment, of, -more)
    if -more > debt:  # what is put back onto an act may be of any payment of it
        for one in state.payments:
            one.is_partly_back |= one.of is of
    else:
        payment.booked_more += more
    payment.stated = True
