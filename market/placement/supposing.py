"""What if: a question about a complete round, and its answer. Pure, and light enough for the web; the answering, with
the solver, is in ``supposed``. Nothing that is asked changes anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from contracts.kernel.errors import Malformed, RuleBroken, Unavailable, WrongState
from market.placement.rules import Policy

MOST_PLACES = 1_000  # more than any provider opens at once
MOST_ADVISED = 20  # places to add: each is found by solving anew, and a reader acts on the first few
MAX_PRICE = 10**12


class Kind(StrEnum):
    ADD = "add"  # so many more places at an offer
    CLOSE = "close"
    MOVE = "move"  # so many places from one offer to another
    PRICE = "price"  # another price of an offer
    BEST = "best"  # where so many more places would do most
    POLICY = "policy"  # the other policy


class QuestionUnclear(Malformed):
    code = "what-if-unclear"
    title = "This question cannot be asked like this"


class QuestionUnanswerable(RuleBroken):
    code = "what-if-unanswerable"
    title = "This round cannot answer that question: the offer was not in it, or it has requests of different sizes"


class NothingToSuppose(WrongState):
    code = "what-if-without-result"
    title = "Only a complete round that kept its files can be asked"


class AnswerOverdue(Unavailable):
    code = "what-if-overdue"
    title = "The answer took too long: try again in a minute"


@dataclass(frozen=True, slots=True)
class Question:
    """``count``: places; ``price_minor``: in tiyn."""

    kind: Kind
    offer_id: UUID | None = None
    to_id: UUID | None = None
    count: int = 0
    price_minor: int = 0

    def __post_init__(self) -> None:
        """Raises QuestionUnclear."""
        needs_offer = self.kind in {Kind.ADD, Kind.CLOSE, Kind.MOVE, Kind.PRICE}
        if needs_offer and self.offer_id is None:
            raise QuestionUnclear("Name the offer", pointer="/offer", rule="offer-named")
        if self.kind is Kind.MOVE and (self.to_id is None or self.to_id == self.offer_id):
            raise QuestionUnclear("Name another offer to move the places to", pointer="/to", rule="other-offer-named")
        most = MOST_ADVISED if self.kind is Kind.BEST else MOST_PLACES
        if self.kind in {Kind.ADD, Kind.MOVE, Kind.BEST} and not 1 <= self.count <= most:
            raise QuestionUnclear(f"Say how many places, from 1 to {most}", pointer="/count", rule="count-of-places")
        if self.kind is Kind.PRICE and not 0 <= self.price_minor <= MAX_PRICE:
            raise QuestionUnclear("Say the price", pointer="/price", rule="price")

    def to_json(self) -> dict[str, Any]:
        offers = {"offer": self.offer_id and str(self.offer_id), "to": self.to_id and str(self.to_id)}
        return {"kind": self.kind.value, **offers, "count": self.count, "price_minor": self.price_minor}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> "Question":
        offer, to = (UUID(kept[name]) if kept.get(name) else None for name in ("offer", "to"))
        return cls(Kind(kept["kind"]), offer, to, int(kept.get("count", 0)), int(kept.get("price_minor", 0)))


@dataclass(frozen=True, slots=True)
class Stand:
    """What an answer comes to, of the people the question touches. ``way_m``: all ways together; ``firsts``: how many
    have their first wish."""

    served_by_tier: tuple[int, ...]
    way_m: int
    firsts: int

    @property
    def served(self) -> int:
        return sum(self.served_by_tier)


@dataclass(frozen=True, slots=True)
class Supposed:
    """``asked``: how many requests the question touches (those of the services it is about). ``gained`` would have a
    place and have none, ``lost`` the other way round, ``moved`` would sit elsewhere. ``advice``: the offers to add a
    place at, one after the other, and how many would be served of each tier after it."""

    policy: Policy
    asked: int
    before: Stand
    after: Stand
    gained: int
    lost: int
    moved: int
    advice: tuple[tuple[UUID, tuple[int, ...]], ...] = ()
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return {
            "policy": self.policy.value,
            "asked": self.asked,
            "before": _stand(self.before),
            "after": _stand(self.after),
            "gained": self.gained,
            "lost": self.lost,
            "moved": self.moved,
            "advice": [[str(offer), list(served)] for offer, served in self.advice],
            "seconds": self.seconds,
        }

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> "Supposed":
        return cls(
            policy=Policy(kept["policy"]),
            asked=kept["asked"],
            before=_stand_of(kept["before"]),
            after=_stand_of(kept["after"]),
            gained=kept["gained"],
            lost=kept["lost"],
            moved=kept["moved"],
            advice=tuple((UUID(offer), tuple(served)) for offer, served in kept["advice"]),
            seconds=kept["seconds"],
        )


def _stand(one: Stand) -> dict[str, Any]:
    return {"served_by_tier": list(one.served_by_tier), "way_m": one.way_m, "firsts": one.firsts}


def _stand_of(kept: Mapping[str, Any]) -> Stand:
    return Stand(tuple(kept["served_by_tier"]), kept["way_m"], kept["firsts"])
