"""The result of a run, as a value and as a document."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec

from matching.document import LARGEST, NotAnInteger, Pairs, Reading, child
from matching.errors import MalformedResult

FORMAT = "tapsyrys-result/1"

_REQUIRED = (
    "format",
    "instance_sha256",
    "policy",
    "status",
    "served",
    "served_by_tier",
    "cost",
    "bound",
    "gap",
    "assignments",
    "unserved",
    "certificate",
    "solver",
    "seed",
)
_read = Reading(MalformedResult)


class Policy(StrEnum):
    WELFARE = "welfare"
    STABLE = "stable"


class Status(StrEnum):
    """`optimal` only where `verify` can prove it; `feasible` comes with a bound; `infeasible` with a witness."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"


class Reason(StrEnum):
    """Why a request was not served."""

    NO_CANDIDATE = "no-candidate"
    CAPACITY = "capacity"
    BUDGET = "budget"
    GROUP = "group"
    TIME_LIMIT = "time-limit"


class Kind(StrEnum):
    """`prices` proves an optimum or a bound; `stable` says that no request and slot would rather have each other."""

    PRICES = "prices"
    STABLE = "stable"


@dataclass(frozen=True, kw_only=True)
class CountProof:
    """Why no answer serves more of a tier without serving fewer of those before it.

    Prices as in `Certificate`, but in 1/`scale` of a person of this tier; `tier_prices` is what one more served of each
    tier before it is worth, 0 for the others.
    """

    tier: int
    prices: Mapping[str, int] = field(default_factory=dict)
    budget_prices: Mapping[str, int] = field(default_factory=dict)
    tier_prices: tuple[int, ...] = ()
    scale: int = 1


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """Prices are non-negative integers in 1/`scale` of a cost unit, per unit of size (slots) or of spending (budgets).

    A slot or budget that is not named has price 0. `penalty_by_tier` is empty where no penalties prove the tiers;
    `tier_prices` is what one more served of each tier is worth where groups are priced as one, else empty. `counts`
    prove `most_by_tier` of tiers in which somebody is left out.
    """

    kind: Kind = Kind.PRICES
    prices: Mapping[str, int] = field(default_factory=dict)
    penalty_by_tier: tuple[int, ...] = ()
    budget_prices: Mapping[str, int] = field(default_factory=dict)
    tier_prices: tuple[int, ...] = ()
    scale: int = 1
    counts: tuple[CountProof, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Result:
    """`assignments`: request id to slot id. `tiers_proven`: how many tiers, from the first, cannot be served better.

    `most_by_tier`: how many of each tier can be served at most with as many of those before it as here, where that is
    proven by prices; so what is not proven has two gaps, of people and, for these people, of cost. Else empty.
    """

    instance_sha256: str
    policy: Policy
    status: Status
    served: int = 0
    served_by_tier: tuple[int, ...] = ()
    cost: int | None = None
    bound: int | None = None
    gap: float | None = None
    tiers_proven: int = 0
    most_by_tier: tuple[int, ...] = ()
    assignments: Mapping[str, str] = field(default_factory=dict)
    unserved: Mapping[str, Reason] = field(default_factory=dict)
    certificate: Certificate | None = None
    witness: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    solver: str = ""
    seed: int = 0


def relative_gap(cost: int | None, bound: int | None) -> float | None:
    """How far the cost may be above the least possible, as a share of the cost."""
    return None if cost is None or bound is None else (cost - bound) / max(1, cost)


def result_document(result: Result) -> bytes:
    top: dict[str, Any] = {
        "format": FORMAT,
        "instance_sha256": result.instance_sha256,
        "policy": result.policy,
        "status": result.status,
        "served": result.served,
        "served_by_tier": result.served_by_tier,
        "cost": result.cost,
        "bound": result.bound,
        "gap": result.gap,
        "tiers_proven": result.tiers_proven,
        "assignments": dict(result.assignments),
        "unserved": dict(result.unserved),
        "certificate": None if result.certificate is None else _certificate_document(result.certificate),
        "seconds": dict(result.seconds),
        "solver": result.solver,
        "seed": result.seed,
    }
    if result.most_by_tier:
        top["most_by_tier"] = result.most_by_tier
    if result.status is Status.INFEASIBLE:
        top["witness"] = result.witness
    return msgspec.json.encode(top)


def _certificate_document(certificate: Certificate) -> dict[str, Any]:
    document: dict[str, Any] = {"kind": certificate.kind, "prices": dict(certificate.prices)}
    if certificate.penalty_by_tier:
        document["penalty_by_tier"] = certificate.penalty_by_tier
    document |= _coupling_document(certificate)
    if certificate.counts:
        document["counts"] = [
            {"tier": proof.tier, "prices": dict(proof.prices), **_coupling_document(proof)}
            for proof in certificate.counts
        ]
    return document


def _coupling_document(proof: Certificate | CountProof) -> dict[str, Any]:
    """What is left out where it is nothing."""
    document: dict[str, Any] = {}
    if proof.budget_prices:
        document["budget_prices"] = dict(proof.budget_prices)
    if proof.tier_prices:
        document["tier_prices"] = proof.tier_prices
    if proof.scale != 1:
        document["scale"] = proof.scale
    return document


def parse_result(document: bytes) -> Result:
    """From uncompressed bytes; `MalformedResult` names the first fault. Whether the claims hold is for `verify`."""
    top = _read.members("", _read.parse(document), _REQUIRED, ("tiers_proven", "most_by_tier", "witness", "seconds"))
    _read.word("/format", top["format"], FORMAT)
    certificate = top["certificate"]
    return Result(
        instance_sha256=_read.text("/instance_sha256", top["instance_sha256"]),
        policy=Policy(_read.word("/policy", top["policy"], *Policy)),
        status=Status(_read.word("/status", top["status"], *Status)),
        served=_read.integer("/served", top["served"]),
        served_by_tier=tuple(_read.integers("/served_by_tier", top["served_by_tier"])),
        cost=_or_none("/cost", top["cost"]),
        bound=_or_none("/bound", top["bound"]),
        gap=None if top["gap"] is None else _number("/gap", top["gap"]),
        tiers_proven=_read.integer("/tiers_proven", top.get("tiers_proven", 0)),
        most_by_tier=tuple(_read.integers("/most_by_tier", top.get("most_by_tier", []))),
        assignments=_texts("/assignments", top["assignments"]),
        unserved={
            name: Reason(_read.word(child("/unserved", name), reason, *Reason))
            for name, reason in _read.members("/unserved", top["unserved"], (), None).items()
        },
        certificate=None if certificate is None else _certificate(certificate),
        witness=tuple(
            _read.text(f"/witness/{at}", name)
            for at, name in enumerate(_read.items("/witness", top.get("witness", [])))
        ),
        seconds={
            name: _number(child("/seconds", name), value)
            for name, value in _read.members("/seconds", top.get("seconds", Pairs()), (), None).items()
        },
        solver=_read.text("/solver", top["solver"]),
        seed=_read.integer("/seed", top["seed"]),
    )


_COUPLING = ("budget_prices", "tier_prices", "scale")


def _certificate(value: Any) -> Certificate:
    certificate = _read.members("/certificate", value, ("kind", "prices"), ("penalty_by_tier", "counts", *_COUPLING))
    return Certificate(
        kind=Kind(_read.word("/certificate/kind", certificate["kind"], *Kind)),
        prices=_prices("/certificate/prices", certificate["prices"]),
        penalty_by_tier=tuple(_read.integers("/certificate/penalty_by_tier", certificate.get("penalty_by_tier", []))),
        budget_prices=_prices("/certificate/budget_prices", certificate.get("budget_prices", Pairs())),
        tier_prices=tuple(_read.integers("/certificate/tier_prices", certificate.get("tier_prices", []))),
        scale=_read.integer("/certificate/scale", certificate.get("scale", 1), 1),
        counts=tuple(
            _count_proof(f"/certificate/counts/{at}", proof)
            for at, proof in enumerate(_read.items("/certificate/counts", certificate.get("counts", [])))
        ),
    )


def _count_proof(pointer: str, value: Any) -> CountProof:
    proof = _read.members(pointer, value, ("tier", "prices"), _COUPLING)
    return CountProof(
        tier=_read.integer(f"{pointer}/tier", proof["tier"]),
        prices=_prices(f"{pointer}/prices", proof["prices"]),
        budget_prices=_prices(f"{pointer}/budget_prices", proof.get("budget_prices", Pairs())),
        tier_prices=tuple(_read.integers(f"{pointer}/tier_prices", proof.get("tier_prices", []))),
        scale=_read.integer(f"{pointer}/scale", proof.get("scale", 1), 1),
    )


def _prices(pointer: str, value: Any) -> dict[str, int]:
    members = _read.members(pointer, value, (), None)
    return {name: _read.integer(child(pointer, name), price) for name, price in members.items()}


def _texts(pointer: str, value: Any) -> dict[str, str]:
    members = _read.members(pointer, value, (), None)
    return {name: _read.text(child(pointer, name), text) for name, text in members.items()}


def _or_none(pointer: str, value: Any) -> int | None:
    # a bound below zero would be true but says nothing; a cost cannot be negative
    return None if value is None else _read.integer(pointer, value)


def _number(pointer: str, value: Any) -> float:
    number = float(value) if isinstance(value, NotAnInteger | int) and not isinstance(value, bool) else -1.0
    if not 0 <= number <= LARGEST:
        _read.fail(pointer, "must be a number that is not negative")
    return number
