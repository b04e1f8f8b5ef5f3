"""What must become of money that is paid before the service, to the tiyn."""

from datetime import date

from tests.chain.people import Act, Advance, Home, Payment, SetOff, refuse
from tests.chain.state import LINE, State

RULE_BP, RULE_FROM = 33_33, date(2026, 4, 11)  # of what a contract has still to give, from that day on
FREE, PAID = ("appropriated", LINE), ("paid", LINE)


def agree(state: State, home: Home, share_bp: int) -> None:
    refuse("advance-share-taken", when=any(day == state.today for day, _ in home.agreed))
    home.agreed.append((state.today, share_bp))


def share_of(state: State, home: Home) -> int:
    agreed = home.agreed[-1][1] if home.agreed else 0
    return min(agreed, RULE_BP) if state.today >= RULE_FROM else 0


def ceiling(state: State, home: Home) -> int:
    held = sum(state.books.free("committed", one) for one in state.engagements if one.home is home)
    return held * share_of(state, home) // 10_000


def _check_within(state: State, home: Home, amount: int) -> None:
    refuse("advance-not-agreed", when=not share_of(state, home))
    refuse("advance-above-limit", when=amount > ceiling(state, home))


def is_open(state: State, home: Home, *, besides: Advance | None = None) -> bool:
    mine = [one for one in state.advances if one.home is home and one is not besides]
    return any(one.status == "asked" or (one.status == "ordered" and not _is_used_up(state, one)) for one in mine)


def _is_used_up(state: State, advance: Advance) -> bool:
    payment = advance.payment
    assert payment is not None
    return payment.status == "settled" and state.books.balance["recovery", payment] == 0


def ask(state: State, home: Home, amount: int) -> Advance:
    refuse("advance-open", when=is_open(state, home))
    _check_within(state, home, amount)
    advance = Advance(home, amount)
    state.books.open("payable", advance)
    state.advances.append(advance)
    return advance


def withdraw(_state: State, advance: Advance) -> None:
    refuse("advance-decided", when=advance.status != "asked")
    advance.status = "withdrawn"


def decide(_state: State, advance: Advance, *, yes: bool) -> None:
    refuse("advance-decided", when=advance.status != "asked")
    advance.approved = yes
    if not yes:
        advance.status = "refused"


def order(state: State, advance: Advance, *, own_hand: bool) -> Payment:
    refuse("advance-decided", when=advance.status != "asked")
    refuse("third-person-needed", when=own_hand)
    refuse("advance-open", when=is_open(state, advance.home, besides=advance))
    _check_within(state, advance.home, advance.amount)
    refuse("insufficient-funds", when=advance.amount > state.books.free(*FREE))  # said before anybody is asked again
    refuse("approval-missing", when=not advance.approved)
    state.books.move(FREE, ("payable", advance), advance.amount)
    state.books.hold(("payable", advance), advance.amount)
    payment = Payment(advance, advance.amount, ordered_in=state.month)
    state.books.open("recovery", payment)
    state.payments.append(payment)
    advance.payment, advance.status = payment, "ordered"
    return payment


# --- what became of its payment ---------------------------------------------------------------------------------------
def moved(state: State, payment: Payment, advance: Advance, was: str) -> None:
    """The payment stands where it stands now, and stood at ``was``."""
    own, goal = ("payable", advance), payment.status
    if was in {"ordered", "sent"}:
        state.books.held[own] -= payment.amount
        if goal == "settled":
            state.books.move(own, ("recovery", payment), payment.amount)
    elif goal == "settled":
        _went_again(state, payment, advance)
    elif was == "settled":
        _came_back(state, payment, advance)
    if goal in {"reversed", "failed"}:
        _undo(state, payment, advance, advance.from_acts)
        state.books.move(own, FREE, payment.amount - advance.from_acts)
        advance.status = "unpaid"


def _used(state: State, payment: Payment) -> list[SetOff]:
    return [one for one in state.set_offs if one.payment is payment]


def _came_back(state: State, payment: Payment, advance: Advance) -> None:
    amount, own = payment.amount, ("payable", advance)
    advance.from_acts = min(sum(one.left for one in _used(state, payment)), amount)
    state.books.move(PAID, own, advance.from_acts)
    state.books.move(("recovery", payment), own, amount - advance.from_acts)


def _went_again(state: State, payment: Payment, advance: Advance) -> None:
    own = ("payable", advance)
    state.books.move(own, PAID, advance.from_acts)
    state.books.move(own, ("recovery", payment), payment.amount - advance.from_acts)
    advance.from_acts = 0


def _undo(state: State, payment: Payment, advance: Advance, amount: int) -> None:
    """The latest first: those acts are owed for again."""
    for one in reversed(_used(state, payment)):
        part = min(amount, one.left)
        state.books.move(("payable", advance), ("payable", one.act), part)
        one.left -= part
        amount -= part


def paid_less(state: State, payment: Payment, advance: Advance, amount: int) -> None:
    """By the bank, and two people booked it."""
    owed = min(state.books.free("recovery", payment), amount)
    of_acts = amount - owed
    refuse("more-than-advanced", when=of_acts > sum(one.left for one in _used(state, payment)))
    state.books.move(("recovery", payment), FREE, owed)
    state.books.move(PAID, ("payable", advance), of_acts)
    _undo(state, payment, advance, of_acts)


def set_off(state: State, payment: Payment, act: Act, amount: int) -> None:
    state.books.move(("payable", act), PAID, amount)
    state.books.move(("recovery", payment), FREE, amount)
    state.set_offs.append(SetOff(payment, act, amount))
