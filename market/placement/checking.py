"""Whether a complete round is what it says: its files, its row, its outcomes and its prices, counted again from the
files. Nothing here loads a solver."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

import sqlalchemy as sa

from contracts.kernel.bulk import bare_id, read_rows
from contracts.kernel.work import Work
from market.placement.arcs import rows
from market.placement.columns import RoundFileBroken, halves, unfolded
from market.placement.draw import checked, line_of
from market.placement.findings import explain
from market.placement.models import RoundPriceRow
from market.placement.outcome_queries import pages_of
from market.placement.outcomes import Page, pages
from market.placement.proof import FEASIBLE, Answer, check
from market.placement.rules import Policy, Round, RoundNotProven
from market.placement.stored import StoredInstance, StoredResult
from market.placement.stored_queries import round_of, stored_instance, stored_result


@dataclass(frozen=True, slots=True)
class Checked:
    """``faults``: (code, sentence), none where everything holds. The figures are as counted now."""

    number: int
    policy: Policy
    status: str
    requests: int
    served_by_tier: tuple[int, ...]
    cost: int
    faults: tuple[tuple[str, str], ...]


def check_round(work: Work, number: int) -> Checked:
    """Raises RoundNotFound, RoundFileMissing, RoundFileBroken."""
    found = round_of(work, number)
    instance = stored_instance(work, found.id)
    result = stored_result(work, found.id, instance)
    if instance.sha256 != found.instance_sha256 or result.facts.get("instance_sha256") != instance.sha256:
        return _failed(found, instance, "instance", "the instance kept is not the one that was solved")
    try:
        answer = _answer(found, instance, result)
    except RoundNotProven as refusal:
        return _failed(found, instance, "not-proven", refusal.detail)
    faults = tuple(_faults(work, found, instance, answer))
    return Checked(
        number, found.policy, answer.status, len(instance.request), answer.served_by_tier, answer.cost, faults
    )


def _failed(found: Round, instance: StoredInstance, code: str, detail: str) -> Checked:
    return Checked(found.number, found.policy, "unproven", len(instance.request), (), 0, ((code, detail),))


def _answer(found: Round, instance: StoredInstance, result: StoredResult) -> Answer:
    if result.solved is not None:
        return check(instance.arcs, instance.turn, result.solved)
    tier = instance.arcs.classes.tier[rows(instance.arcs)]
    line = line_of(tier, instance.since, instance.request, found.seed)
    return checked(instance.arcs, line, result.taken)


def _faults(work: Work, found: Round, instance: StoredInstance, answer: Answer) -> Iterator[tuple[str, str]]:
    says = {
        "requests": (found.requests, len(instance.request)),
        "served": (found.served, sum(answer.served_by_tier)),
        "served-by-tier": (found.served_by_tier, list(answer.served_by_tier)),
        "cost": (found.cost, answer.cost),
    }
    for name, (claimed, counted) in says.items():
        if claimed != counted:
            yield name, f"the round says {name} {claimed}, its files say {counted}"
    if (found.certificate == "verified") != (answer.status != FEASIBLE):
        yield "certificate", f"the round says {found.certificate!r}, its files prove it {answer.status}"
    yield from _outcome_faults(work, found, instance, answer)
    yield from _price_faults(work, found, instance, answer)


def _outcome_faults(work: Work, found: Round, instance: StoredInstance, answer: Answer) -> Iterator[tuple[str, str]]:
    """Every page is written once more and compared."""
    wanted = pages(halves(instance.request), instance.offer, explain(instance.arcs, answer))
    for told, counted in zip_longest(pages_of(work, found.id), wanted):
        if told is None or counted is None:
            yield "outcome", f"the outcomes from request {(told or counted).first} on are not of this round, or missing"
            return
        if told != counted and not _same(told, counted):
            yield "outcome", f"the outcomes from request {counted.first} on are not what the files say"
            return


def _same(told: Page, counted: Page) -> bool:
    """Another release may pack the same bytes in another way."""
    try:
        return (told.first, told.requests) == (counted.first, counted.requests) and (
            unfolded(told.data)[1] == unfolded(counted.data)[1]
        )
    except RoundFileBroken:
        return False


def _price_faults(work: Work, found: Round, instance: StoredInstance, answer: Answer) -> Iterator[tuple[str, str]]:
    columns = bare_id(work, RoundPriceRow.offer_id), RoundPriceRow.price
    kept = dict(read_rows(work, sa.select(*columns).where(RoundPriceRow.round_id == found.id)))
    wanted = dict(zip(instance.offer, answer.prices.tolist(), strict=True))
    differs = sorted(offer for offer in kept.keys() | wanted.keys() if kept.get(offer) != wanted.get(offer))
    if differs:
        yield (
            "price",
            f"the price of offer {differs[0]} is {kept.get(differs[0])}, the files say {wanted.get(differs[0])}",
        )
