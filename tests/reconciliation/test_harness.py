"""A bank that makes mistakes: each of them has exactly one case, and what is right has none. 60 payments in CI; `make
soak` 10,000 or MARKET_RECONCILED. The harness must find comparisons that are wrong on purpose."""

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from uuid import UUID

import pytest

from contracts.kernel.ids import new_id
from contracts.kernel.runner import Database, open_database
from contracts.kernel.work import SYSTEM, Work
from contracts.reconciliation import comparing, queries, service
from contracts.reconciliation.rules import Case, CaseKind, Comparison, Difference, Resolution, compare
from tests.bench.report import publish
from tests.payment.houses import line_with_money, payment
from tests.reconciliation.bank import Entry
from tests.reconciliation.houses import broken, cases, do, number, office, settled, take_in

PAYMENTS, SOAK_PAYMENTS = 60, int(os.environ.get("MARKET_RECONCILED", "10000"))
A_FILE = 25  # lines in one statement: the lines of a payment come on different days, and in any order
FAULTS = (
    None,
    None,
    "more",
    "less",
    "a tiyn",
    "twice",
    "elsewhere",
    "missing",
    "came back",
    "hundredfold",
    "corrected",
)


def told(name: str, amount: int, fault: str | None, dice: random.Random) -> list[Entry]:  # noqa: PLR0911
    """What the bank's statement says of one payment."""
    right = Entry(-amount, name)
    match fault:
        case "more":
            return [replace(right, amount=-amount - dice.randint(1, amount), reference="")]
        case "less":
            return [replace(right, amount=-amount + dice.randint(1, amount - 1), reference="")]
        case "a tiyn":
            return [replace(right, amount=-amount + dice.choice([-1, 1]), reference="")]
        case "twice":
            return [right, replace(right, reference="")]
        case "elsewhere":
            return [replace(right, iban="KZ56125KZT0111111113")]
        case "missing":
            return []
        case "came back":
            return [right, Entry(amount, name, returned=True)]
        case "hundredfold":
            return [replace(right, amount=-amount * 100)]
        case "corrected":  # twice by mistake, and booked back by the bank itself
            return [right, replace(right, reference=""), Entry(amount, name, returned=True)]
    return [right]


def run(database: Database, count: int, seed: int) -> tuple[dict[UUID, str], list[Case]]:
    """Which payments were told wrong, and the cases that are left when the last statement is read."""
    dice, bank, line = random.Random(seed), office(database), line_with_money(database, 10**14)
    wrong: dict[UUID, str] = {}
    entries: list[Entry] = []
    for start in range(0, count, 100):
        for one in settled(database, line, min(100, count - start), total=dice.randint(2, 10**6)):
            fault = dice.choice(FAULTS)
            entries += told(number(database, one), payment(database, one).amount_minor, fault, dice)
            if fault not in (None, "corrected"):
                wrong[one] = fault
    strangers = [Entry(-dice.randint(1, 10**6), f"P-{n:05d}-STRAY") for n in range(max(1, count // 20))]
    dice.shuffle(entries := entries + strangers)
    size = max(A_FILE, count // 5)
    files = [entries[n : n + size] for n in range(0, len(entries), size)]
    for place, some in enumerate(files):
        take_in(database, bank.statement(*some, days=9 if place == len(files) - 1 else 1))
    while do(database, SYSTEM, service.reconcile):
        pass
    every = database.read(SYSTEM, lambda work: queries.cases(work, limit=10 * count))
    every = [case for case in every if case.resolution is not Resolution.VANISHED]
    unknown = [case for case in every if case.kind is CaseKind.LINE_UNKNOWN]
    assert len(unknown) == len(strangers)
    return wrong, [case for case in every if case.kind is not CaseKind.LINE_UNKNOWN]


def verdict(wrong: dict[UUID, str], found: list[Case]) -> dict[str, int]:
    subjects = [case.subject_id for case in found]
    return {
        "missed": len(set(wrong) - set(subjects)),
        "invented": len(set(subjects) - set(wrong)),
        "repeated": len(subjects) - len(set(subjects)),
    }


CLEAN = {"missed": 0, "invented": 0, "repeated": 0}


def test_every_mistake_of_the_bank_has_exactly_one_case_and_nothing_else_has(database: Database) -> None:
    wrong, found = run(database, PAYMENTS, 3)
    assert verdict(wrong, found) == CLEAN
    assert set(wrong.values()) == set(FAULTS) - {None, "corrected"}, "every kind of mistake was made"
    assert broken(database) == []
    assert len(cases(database)) > len(found)
    assert any(case.resolution is Resolution.VANISHED for case in cases(database, resolved=True)), "days later"


@pytest.mark.soak
def test_ten_thousand_payments_and_a_bank_that_makes_mistakes(database: Database, database_url: str) -> None:
    wrong, found = run(database, SOAK_PAYMENTS, 4)
    figures: dict[str, object] = {"payments": SOAK_PAYMENTS, "mistakes": len(wrong), **verdict(wrong, found)}
    kind = "sqlite" if database_url.startswith("sqlite") else "postgresql"
    publish(f"reconciliation_{kind}", figures, ratio={}, limits=dict.fromkeys(CLEAN, 0))
    assert verdict(wrong, found) == CLEAN
    assert broken(database) == []


# --- wrong on purpose -------------------------------------------------------------------------------------------------
def _forgives_a_tiyn(one: Comparison) -> Difference | None:
    found = compare(one)
    return None if found and found.amount_minor in (-1, 1) else found


def _trusts_the_account(one: Comparison) -> Difference | None:
    return compare(replace(one, elsewhere=0))


def _takes_the_first_line(one: Comparison) -> Difference | None:
    return compare(replace(one, paid_minor=min(one.paid_minor, one.amount_minor)))


def _never_misses_a_line(one: Comparison) -> Difference | None:
    return compare(replace(one, covered=False))


def _forgets_what_came_back(one: Comparison) -> Difference | None:
    back = one.amount_minor if one.returns else 0
    return compare(replace(one, paid_minor=one.paid_minor + back, returns=0))


@pytest.mark.parametrize(
    "wrong_design",
    [
        _forgives_a_tiyn,
        _trusts_the_account,
        _takes_the_first_line,
        _never_misses_a_line,
        _forgets_what_came_back,
    ],
    ids=lambda design: design.__name__.strip("_"),
)
def test_the_harness_finds_a_comparison_that_is_wrong(
    sqlite_database: Database,
    monkeypatch: pytest.MonkeyPatch,
    wrong_design: Callable[[Comparison], Difference | None],
) -> None:
    monkeypatch.setattr(comparing, "compare", wrong_design)
    wrong, found = run(sqlite_database, PAYMENTS, 3)
    assert verdict(wrong, found) != CLEAN


def test_the_harness_finds_a_second_case_for_one_difference(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def restless(work: Work) -> list[Difference]:
        found = comparing.differences(work)
        return [replace(one, subject_id=new_id()) if one.payment_id else one for one in found]

    monkeypatch.setattr(service, "differences", restless)
    bank, line = office(sqlite_database), line_with_money(sqlite_database)
    (one,) = settled(sqlite_database, line)
    take_in(sqlite_database, bank.statement(Entry(-1, number(sqlite_database, one))))
    do(sqlite_database, SYSTEM, service.reconcile)
    every = sqlite_database.read(SYSTEM, queries.cases)
    assert [case.payment_id for case in every] == [one, one]
    assert verdict({one: "less"}, every) != CLEAN


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Database]:
    opened = open_database(sqlite_url)
    yield opened
    opened.close()
