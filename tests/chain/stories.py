"""Stories of what single steps seldom come to, told on purpose and not by the dice: each comes to one planted bug."""

from dataclasses import dataclass
from typing import Protocol

from tests.chain.beforehand import Beforehand


class Told(Protocol):
    def tell(self, machine: Beforehand) -> None: ...


@dataclass(frozen=True)
class Story:
    """What ``what_was_accepted_was_untrue`` takes."""

    then: tuple[str | int, ...] = ()
    paid: bool = True
    charge: int = 0
    count: int = 1
    pick: int = 0

    def tell(self, machine: Beforehand) -> None:
        machine.what_was_accepted_was_untrue(
            pick=self.pick, paid=self.paid, charge=self.charge, count=self.count, then=list(self.then)
        )
        machine.teardown()


@dataclass(frozen=True)
class GivenBack:
    """So much of an advance, as two people booked; and then the server says that all of it came back."""

    part: int

    def tell(self, machine: Beforehand) -> None:
        machine.an_advance_is_used(pick=0, share=50_00, then=-self.part)
        machine.stated_money_comes_back(pick=0, rest=False, then=None)
        machine.teardown()


class NeverBegins:
    def tell(self, machine: Beforehand) -> None:
        machine.what_begins_tomorrow_ends(pick=0, days=0, officer=False)
        machine.teardown()


STORIES: dict[str, Told] = {
    "what never begins keeps its place": NeverBegins(),
    "one person takes money back": Story(paid=False),
    "a visit is taken back twice": Story(paid=False),
    "a payment under way is no hindrance": Story(),
    "what nobody missed is worth nothing": Story(paid=False, count=9, pick=1),
    "what was taken back before is forgotten": Story(paid=False, charge=2_000_00, count=3),
    "a set-off visit is not owed again": Story(("of the next",), count=2),
    "what comes back leaves its debt": Story(("back",)),
    "what went again is not owed": Story(("again",)),
    "what was given up stays with the act": Story(("lost",)),
    "acts stay set off against a payment that was lost": Story(("next", "lost")),
    "what was booked as paid less comes back whole": Story((-1, "back")),
    "an advance that was given back in part comes back whole": GivenBack(1),
    "the recipient pays for what never was": Story(paid=False, charge=2_000_00, count=3),
}
