"""Those who wait, in arrays: classes of equals, and class by class their members, the longest waiting first.

Half a million people are a few dozen megabytes here; as tuples of texts they would be half a gigabyte.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import repeat
from operator import itemgetter
from typing import Any

import numpy as np

from market.placement.columns import Halves, halves, ids_of
from matching import Integers

SINCE, ID = 26, 32  # characters of a moment, and of an id, in a member's text
NEED = "need"  # what is asked for, in one text, as few are unlike: kind, setting, unit, size, tier, ceiling, category
Service = tuple[str, str, str]  # kind, setting, unit
_MOST = 2**62  # what codes of several columns may grow to in one number


@dataclass(frozen=True, eq=False)
class Members:
    """One value a request: since when it waits, in microseconds of the epoch, its id, its voucher's, its
    recipient's."""

    since: Integers
    request: Halves
    voucher: Halves
    recipient: Halves

    def __len__(self) -> int:
        return len(self.since)

    def at(self, order: Integers) -> "Members":
        ids = (own.take(order, axis=0) for own in (self.request, self.voucher, self.recipient))
        return Members(self.since[order], *ids)


@dataclass(frozen=True, eq=False)
class Crowd:
    """One value a class; ``wishes`` are the offers' ids, best first; ``home``: a key of
    ``Census.place``; ``provider``: who served these people last (empty: nobody, or it does not count).

    A class with ``count`` n owns the next n of ``member``. ``turn``: the place of each request in the line of those who
    wait: the longest wait first, then by id.
    """

    service: list[Service]
    size: Integers
    locality: Integers
    home: Integers
    tier: Integers
    category: list[str]
    ceiling: Integers
    wishes: list[tuple[str, ...]]
    provider: list[str]
    count: Integers
    member: Members
    turn: Integers

    def request_ids(self) -> list[str]:
        return ids_of(self.member.request)

    def sizes(self) -> Integers:
        """What each request takes of an offer."""
        return np.repeat(self.size, self.count)


def turn_of(since: Integers, own: Halves) -> Integers:
    turn = np.empty(len(since), dtype=np.int64)
    high, low = own[:, 0], own[:, 1]
    in_order = bool(((high[:-1] < high[1:]) | ((high[:-1] == high[1:]) & (low[:-1] <= low[1:]))).all())
    order = np.argsort(since, kind="stable") if in_order else np.lexsort((low, high, since))  # as they are read
    turn[order] = np.arange(len(since))
    return turn


class Roll:
    """People as they are read: each a value for every key, the ids of the wished offers one after the other, then a
    member's text (a moment and three ids). ``seconds`` of the processor are what telling the values apart took."""

    def __init__(self, keys: Sequence[str]) -> None:
        self.keys = {key: _Values(_TOLD.get(key)) for key in keys}
        self.wishes: list[_Values] = []  # a rank each
        self.seconds = 0.0
        self._members: list[Members] = []

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        *columns, wishes, members = zip(*rows, strict=True)
        begun = time.thread_time()
        for values, column in zip(self.keys.values(), columns, strict=True):
            values.add(column)
        self._add_wishes(wishes)
        self.seconds += time.thread_time() - begun
        self._members.append(_members(members))

    def _add_wishes(self, texts: Sequence[str]) -> None:
        """What nobody named is empty, also of the people before the first who ranked so many."""
        before = sum(map(len, self._members))
        for _ in range(len(self.wishes), max(map(len, texts)) // ID):
            self.wishes.append(_Values())
            if before:
                self.wishes[-1].add([""] * before)
        for rank, values in enumerate(self.wishes):
            values.add(list(map(itemgetter(slice(rank * ID, rank * ID + ID)), texts)))

    def crowd(self) -> Crowd:
        """Classes stand by their keys in the order of the keys, whatever order people came in."""
        member = _joined(self._members)
        self._members.clear()
        turn = turn_of(member.since, member.request)
        line = self._numbers(turn)
        order = np.argsort(line)
        first = np.flatnonzero(np.diff(line[order] // len(turn), prepend=-1))
        one = order[first]
        told = {key: values.at(one) for key, values in self.keys.items()}
        service, size, tier, ceiling, category = zip(*told[NEED], strict=True) if len(one) else ((),) * 5
        wishes = zip(*(values.at(one) for values in self.wishes), repeat("", len(one)), strict=True)
        return Crowd(
            service=list(service),
            size=_integers(size),
            locality=_integers(told["locality"]),
            home=_integers(told.get("home", told["locality"])),
            tier=_integers(tier),
            category=list(category),
            ceiling=_integers(ceiling),
            wishes=[named[: named.index("")] for named in wishes],
            provider=told.get("provider") or [""] * len(one),
            count=np.diff(first, append=len(turn)),
            member=member.at(order),
            turn=turn[order],
        )

    def _numbers(self, turn: Integers) -> Integers:
        """A number for everybody, in the order of their values; its last digit, so to speak, is the turn."""
        number, most = np.zeros(len(turn), dtype=np.int64), 1
        digits = ((values.ranks(), values.distinct) for values in (*self.keys.values(), *self.wishes))
        for digit, distinct in (*digits, (turn, len(turn))):
            if most * distinct >= _MOST:
                found, number = np.unique(number, return_inverse=True)
                most = len(found)
            number, most = number * distinct + digit, most * distinct
        return number


class _Values(dict[Any, int]):
    """The distinct values of a column by number, in the order they came, and everybody's number. ``told``: what a value
    tells, by which they are ordered."""

    def __init__(self, told: Callable[[Any], Any] | None = None) -> None:
        super().__init__()
        self._told = told
        self._parts: list[np.ndarray[Any, np.dtype[np.int32]]] = []

    def __missing__(self, value: object) -> int:
        self[value] = number = len(self)
        return number

    @property
    def distinct(self) -> int:
        return max(1, len(self))

    def add(self, column: Sequence[Any]) -> None:
        number: Callable[[Any], int] = self.__getitem__
        if column[0] == column[-1] and column.count(column[0]) == len(column):
            self._parts.append(np.full(len(column), number(column[0]), np.int32))
        else:
            self._parts.append(np.fromiter(map(number, column), np.int32, len(column)))

    def ranks(self) -> Integers:
        """Everybody's, by the value."""
        rank = np.empty(len(self), dtype=np.int64)
        rank[[self[value] for value in sorted(self, key=self._told)]] = np.arange(len(self))
        ranks: Integers = rank[self._numbers()]
        return ranks

    def at(self, people: Integers) -> list[Any]:
        """What their values tell."""
        value = list(self if self._told is None else map(self._told, self))
        return [value[number] for number in self._numbers()[people].tolist()]

    def _numbers(self) -> np.ndarray[Any, np.dtype[np.int32]]:
        self._parts = [np.concatenate(self._parts)] if self._parts else [np.zeros(0, np.int32)]
        return self._parts[0]


def need_of(text: str) -> tuple[Service, int, int, int, str]:
    """Service, size, tier, ceiling and category."""
    kind, setting, unit, size, tier, ceiling, category = text.split(" ", 6)
    return (kind, setting, unit), int(size), int(tier), int(ceiling), category


_TOLD: dict[str, Callable[[Any], Any]] = {NEED: need_of}


def _integers(values: Sequence[int]) -> Integers:
    return np.array(values, dtype=np.int64)


def _members(texts: Sequence[str]) -> Members:
    letters = np.frombuffer("".join(texts).encode("ascii"), dtype=np.uint8).reshape(len(texts), SINCE + 3 * ID)
    since = np.ascontiguousarray(letters[:, :SINCE]).view(f"S{SINCE}").ravel().astype("datetime64[us]")
    ids = halves([letters[:, SINCE:].tobytes().decode("ascii")]).reshape(len(texts), 3, 2)
    return Members(since.astype(np.int64), ids[:, 0], ids[:, 1], ids[:, 2])


def _joined(parts: list[Members]) -> Members:
    parts = parts or [_members([])]
    return Members(
        np.concatenate([part.since for part in parts]),
        np.concatenate([part.request for part in parts]),
        np.concatenate([part.voucher for part in parts]),
        np.concatenate([part.recipient for part in parts]),
    )
