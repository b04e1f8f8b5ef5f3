"""Whoever is equal for a round is one class, whatever order people are read in."""

import random

import numpy as np
import pytest

from market.placement import crowd
from market.placement.crowd import NEED, Crowd, Roll, need_of

KEYS = ("locality", NEED)
FIRST, OTHER = "1" * 32, "2" * 32  # offers
Row = tuple[object, ...]


def person(number: int, *values: object) -> Row:
    return (*values, f"2026-03-{1 + number % 20:02} 10:00:00.{number:06}" + f"{number:032x}" * 3)


def people(count: int) -> list[Row]:
    chance = random.Random(4)
    return [
        person(
            number,
            chance.randrange(3),
            f"{chance.choice(['domestic home visit', 'legal centre hour'])} {chance.choice([1, 5, 10])} "
            f"{chance.randrange(2)} {chance.choice([5, 10**15])} {chance.choice('ab')}",
            chance.choice(["", FIRST, FIRST + OTHER, OTHER]),
        )
        for number in range(count)
    ]  # fmt: skip


def counted(rows: list[Row], at_once: int = 7) -> Crowd:
    roll = Roll(KEYS)
    for start in range(0, len(rows), at_once):
        roll.add(rows[start : start + at_once])
    return roll.crowd()


def test_classes_and_their_order_do_not_depend_on_the_order_people_are_read_in() -> None:
    rows = people(300)
    found = counted(rows)
    other = counted(sorted(rows, key=lambda row: str(row[-1])[::-1]), at_once=300)
    assert found.service == other.service
    assert found.wishes == other.wishes
    assert (found.count == other.count).all()
    assert found.request_ids() == other.request_ids()
    keys = list(
        zip(found.locality.tolist(), found.service, found.size.tolist(), found.tier.tolist(), found.ceiling.tolist(),
            found.category, found.wishes, strict=True)
    )  # fmt: skip
    assert sorted(set(keys)) == keys
    assert found.count.sum() == len(rows)
    assert set(found.wishes) == {(), (FIRST,), (FIRST, OTHER), (OTHER,)}


def test_whoever_ranks_more_may_come_after_those_who_rank_less() -> None:
    rows = sorted(people(300), key=lambda row: len(str(row[2])))
    assert counted(rows).request_ids() == counted(rows[::-1]).request_ids()
    assert counted(rows).wishes == counted(rows[::-1], at_once=300).wishes


def test_members_stand_with_their_class_the_longest_wait_first_and_have_a_place_in_one_line() -> None:
    rows = people(300)
    found = counted(rows)
    told = {str(row[-1])[26:58]: row for row in rows}
    row = np.repeat(np.arange(len(found.count)), found.count)
    for at, request in enumerate(found.request_ids()):
        assert told[request][0] == found.locality[row[at]]
        assert need_of(str(told[request][1]))[2] == found.tier[row[at]]
        assert (np.array([int(request, 16) % 2**64]) == found.member.recipient[at, 1]).all()
    same = row[1:] == row[:-1]
    assert (np.diff(found.turn)[same] > 0).all()
    assert sorted(found.turn.tolist()) == list(range(300))
    line = np.argsort(found.turn)
    assert (np.diff(found.member.since[line]) >= 0).all()


def test_keys_too_many_for_one_number_are_told_apart_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = people(300)
    whole = counted(rows)
    monkeypatch.setattr(crowd, "_MOST", 8)
    again = counted(rows)
    assert (whole.count == again.count).all()
    assert whole.request_ids() == again.request_ids()


def test_nobody_is_no_class() -> None:
    found = Roll(KEYS).crowd()
    assert len(found.count) == len(found.member) == len(found.wishes) == 0
