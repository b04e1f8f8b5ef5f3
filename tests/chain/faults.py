"""Bugs planted into the chain, each a wrong word where a right one stands. The machine must find every one of them."""

from dataclasses import dataclass
from typing import Any

import pytest

import contracts.act.assembling
import contracts.act.dated
import contracts.act.rules
import contracts.act.served
import contracts.act.service
import contracts.act.taken_back
import contracts.collection.taking_back
import contracts.contract.service
import contracts.payment.advance_books
import contracts.payment.advancing
import contracts.payment.batch_ordering
import contracts.payment.progress
import contracts.payment.service
import contracts.payment.taking_back
import contracts.register.confirming
import contracts.register.queries
import contracts.register.rules
import contracts.register.service
import market.placement.answering
import market.placement.choice
import market.placement.ending
import market.placement.stays
import market.voucher.service
from contracts.act.pricing import HOUR
from contracts.act.take_back import Served, TakeBackStatus, worth_of
from contracts.contract.models import EngagementRow
from contracts.contract.rules import needed_minor
from contracts.register.models import AbsenceRow

ORACLE, DATABASE, NOBODY = "the oracle", "the database", "nobody"
EITHER = (ORACLE, DATABASE)


@dataclass(frozen=True)
class Fault:
    """``within``: so many steps it must show; ``seen_by``: whether what is wrong comes to be and the oracle says so, or
    the database does not let it come to be; either, where another refusal may come first."""

    name: str
    module: Any
    word: str
    wrong: Any
    within: int = 4_000
    seen_by: tuple[str, ...] = (ORACLE,)

    def plant(self, patch: pytest.MonkeyPatch) -> None:
        assert hasattr(self.module, self.word)
        patch.setattr(self.module, self.word, self.wrong)


def nothing(*_: object, **__: object) -> None:
    return None


def _floored(unit: str, unit_price_minor: int, *, quantity: int, seconds: int) -> int:
    return unit_price_minor * seconds // 3600 if unit == HOUR else unit_price_minor * quantity


def _price_of_the_first_day(_day: object) -> object:
    return EngagementRow.unit_price_minor


def _forgets_what_was_entered(*given: Any, entered_minor: int | None, **named: Any) -> int:
    return needed_minor(*given, entered_minor=0, **named)


_recover = contracts.payment.service._recover


def _forgets_the_tiyn(work: Any, act: Any, payment_id: Any, recovery: Any, amount: int, person: Any) -> int:
    """An act that is set off pays whole tenge of the debt."""
    return _recover(work, act, payment_id, recovery, amount // 100 * 100 or amount, person)


def _takes_it_from_the_line(work: Any, payment: Any, advance: Any, reason: str) -> None:
    """The advance came back: its payee owes it still."""
    books = contracts.payment.advance_books
    free = books._free_account(work, advance)
    books._post(work, free, advance.account_id, payment.amount_minor, reason, payment.id)


def _is_not_owed_again(_work: Any, _act: Any, set_off: Any, most: int, _about_id: Any) -> int:
    return min(most, int(set_off.left_minor))


def _as_if_it_were_the_first(act: Any, line: Any, *, before: Served, with_it: Served) -> Any:
    own = Served(with_it.quantity - before.quantity, with_it.seconds - before.seconds)
    return worth_of(act, line, before=Served(0, 0), with_it=own)


_served = contracts.act.taken_back._served


def _of_visits_alone(work: Any, rows: Any, which: Any) -> Served:
    return Served(0, 0) if rows is AbsenceRow else _served(work, rows, which)


class _OnceMore:
    """What was taken may be taken again."""

    def after(self, verb: str, _status: object) -> TakeBackStatus:
        return TakeBackStatus(verb)


_end_of = market.placement.stays._end


def _takes_no_days_again(work: Any, voucher: Any, engagement: Any) -> Any:
    return max(voucher.until_on, _end_of(work, voucher, engagement))


_was_lessened = contracts.payment.taking_back.was_lessened


def _but_no_advance(work: Any, payment: Any, account_id: Any) -> bool:
    return payment.act_id is not None and _was_lessened(work, payment, account_id)


FAULTS = [
    Fault("a place is given twice", market.placement.choice, "take", nothing),
    Fault("a place is never free again", market.placement.answering, "give_back", nothing),
    Fault("what never begins keeps its place", market.placement.ending, "_never_begins", lambda *_: False),
    Fault("a revoked voucher keeps its money", market.voucher.service, "_release", lambda *_: 0),
    Fault("time is no limit to an answer", market.placement.ending.queries, "overdue", lambda *_, **__: []),
    Fault("an end forgets the visits", contracts.contract.service, "needed_minor", _forgets_what_was_entered),
    Fault("an end keeps all money", contracts.contract.service, "_give_back", nothing),
    Fault("suspended days are served", contracts.register.rules, "is_served_on", lambda *_: True),
    Fault("a worker is in two places", contracts.register.service, "_check_free", nothing, seen_by=(DATABASE,)),
    Fault("a replay is a new visit", contracts.register.queries, "entry_of_client", nothing),
    Fault("any code is right", contracts.register.confirming, "is_same", lambda *_: True),
    Fault("hours are rounded down", contracts.act.assembling, "cost_of", _floored),
    Fault(
        "the price of the day is ignored", contracts.act.served, "price_on", lambda _: EngagementRow.unit_price_minor
    ),
    Fault("nobody pays a part", contracts.act.dated, "charges_left", lambda *_, **__: {}),
    Fault("an act keeps what it lost", contracts.register.service, "release", lambda *_, **__: 0),
    Fault("one person is enough", contracts.act.service, "check_second_person", nothing, seen_by=EITHER),
    Fault("unserved days are accepted", contracts.act.service, "_check_served", nothing),
    Fault("an act is paid twice", contracts.payment.service, "_left_of", lambda _, act: act.total_minor),
    Fault("nobody must approve", contracts.payment.service, "check_approved", nothing),
    Fault("what came back stays paid", contracts.payment.progress, "_post", nothing),
    Fault("a batch holds nothing", contracts.payment.service, "check_in_no_batch", nothing),
    Fault("nobody must approve a batch", contracts.payment.batch_ordering.approvals, "check_approved", nothing),
    Fault("debts are forgotten", contracts.payment.service.queries, "owed_by", lambda *_: []),
    Fault("a set-off forgets the tiyn", contracts.payment.service, "_recover", _forgets_the_tiyn),
    Fault("more is advanced than is allowed", contracts.payment.advancing, "check_within", nothing),
    Fault(
        "an advance that came back is still owed", contracts.payment.advance_books, "_collect", _takes_it_from_the_line
    ),
    Fault("acts stay set off against an advance that was lost", contracts.payment.advance_books, "_undo", nothing),
    Fault(
        "one person takes money back", contracts.collection.taking_back, "check_second_person", nothing, seen_by=EITHER
    ),
    Fault("a visit is taken back twice", contracts.collection.taking_back, "TAKE_BACK", _OnceMore(), seen_by=EITHER),
    Fault("a payment under way is no hindrance", contracts.payment.taking_back, "OPEN_ENDED", ()),
    Fault("what nobody missed is worth nothing", contracts.act.taken_back, "_served", _of_visits_alone),
    Fault("what was taken back before is forgotten", contracts.act.taken_back, "worth_of", _as_if_it_were_the_first),
    Fault("a set-off visit is not owed again", contracts.payment.taking_back, "_of_set_off", _is_not_owed_again),
    Fault("what comes back leaves its debt", contracts.payment.taking_back, "came_back", lambda *_: 0),
    Fault("what went again is not owed", contracts.payment.taking_back, "owed_again", lambda *_: 0),
    Fault("what was given up stays with the act", contracts.payment.taking_back, "given_up", nothing),
    Fault("acts stay set off against a payment that was lost", contracts.payment.taking_back, "undo_set_offs", nothing),
    Fault(
        "what was booked as paid less comes back whole", contracts.payment.taking_back, "was_lessened", lambda *_: False
    ),
    Fault(
        "an advance that was given back in part comes back whole",
        contracts.payment.taking_back,
        "was_lessened",
        _but_no_advance,
    ),
    Fault("the recipient pays for what never was", contracts.collection.taking_back, "_forgive", nothing),
    Fault("a stay moves no end", market.placement.stays, "_set_clock", nothing),
    Fault("a stay that was none leaves its days", market.placement.stays, "_end", _takes_no_days_again),
]
IN_CI = ("a place is never free again", "an end keeps all money", "nobody must approve", "a set-off forgets the tiyn")
