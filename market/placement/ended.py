"""A round as it ended, in arrays: what was asked, what was answered and what proves it. Whatever the round says of
anybody can be counted again from here; nothing here knows a solver or the database.

A round answers two questions. Who is served: by tier, then by the least sum of ways (``serving``: people of equal
candidates and tier, whose prices count penalties and ways). Where they sit: by wishes, then ways (``seating``: people
of equal candidates and wishes, whose prices count steps of wishes and ways).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from market.placement.rules import Policy, RequestNotFound
from matching import Classes, ClassResult, Integers


@dataclass(frozen=True, eq=False, kw_only=True)
class Ended:
    """Slots are offers (``offers``: their ids as 32 digits). One value a request: ``ids`` (32 digits), ``turn`` (its
    place in the line of those who wait), ``tier``, ``kin`` and ``peers`` (its class in ``serving`` and in ``seating``),
    ``taken`` (its arc in ``seating``, -1 for none). ``distance_m`` and ``rank`` (0: not named): one an arc of
    ``seating``, whose arcs stand by cost.

    ``served``: the first answer with its prices; ``seat_prices``: those of the second. None and nothing under a policy
    that has no prices. ``plain``: for each request, whether a place is a place for everybody in its service; the others
    are in no class's count, and neither counted nor priced here.
    """

    sha256: str
    policy: Policy
    seed: int
    offers: list[str]
    ids: list[str]
    turn: Integers
    tier: Integers
    kin: Integers
    peers: Integers
    taken: Integers
    serving: Classes
    seating: Classes
    distance_m: Integers
    rank: Integers
    served: ClassResult | None
    seat_prices: Integers
    seat_cap_prices: Integers
    plain: NDArray[np.bool_]

    @cached_property
    def flow(self) -> Integers:
        """How many requests take each arc of ``seating``."""
        seats = self.taken[self.plain & (self.taken >= 0)]
        return np.bincount(seats, minlength=len(self.seating.arc_slot)).astype(np.int64)

    @cached_property
    def used(self) -> Integers:
        """How many got a place at each offer."""
        return self.seating.taken(self.flow)

    @cached_property
    def full(self) -> NDArray[np.bool_]:
        """For each offer, whether nobody else could sit there: by itself, or by a limit around it."""
        caps = self.seating.limits
        full: NDArray[np.bool_] = self.used >= self.seating.capacity
        tight = np.append(caps.loads(self.used) >= caps.limit, False)
        around = caps.of_slot
        while (around >= 0).any():
            full |= tight[around]
            around = np.append(caps.parent, -1)[around]
        return full

    @cached_property
    def serving_worth(self) -> Integers:
        """For each offer what one more place would be worth to serving people: what its price holds above the limit
        around it. Nothing where nothing is priced."""
        if self.served is None:
            return np.zeros_like(self.used)
        return self.served.prices - self.serving.limits.above(self.served.cap_prices, self.serving.limits.of_slot)

    @cached_property
    def seating_worth(self) -> Integers:
        """And to seating those who are served."""
        if self.served is None:
            return np.zeros_like(self.used)
        return self.seat_prices - self.seating.limits.above(self.seat_cap_prices, self.seating.limits.of_slot)

    @cached_property
    def last_tier(self) -> Integers:
        """The least urgent tier that got a place at each offer; -1 where nobody did."""
        last = np.full(len(self.offers), -1, dtype=np.int64)
        seated = self.taken >= 0
        np.maximum.at(last, self.seating.arc_slot[self.taken[seated]], self.tier[seated])
        return last

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {request_id: at for at, request_id in enumerate(self.ids)}

    def position(self, request_id: str) -> int:
        """Of a request, given as 32 digits. Raises RequestNotFound: it was not in this round."""
        at = self._positions.get(request_id)
        if at is None:
            raise RequestNotFound
        return at
