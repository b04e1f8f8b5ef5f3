"""Asking for a matching round: written down here, in a request; carried out by the worker, with the solver."""

from datetime import timedelta
from uuid import UUID

from contracts.audit.service import record
from contracts.kernel.errors import Conflict
from contracts.kernel.ids import new_id
from contracts.kernel.work import Role, Work
from market.catalogue.queries import check_territory_prefix
from market.placement import queries
from market.placement.models import RoundRow
from market.placement.rules import Policy, RoundStatus

LEEWAY = timedelta(hours=1)  # beyond the solver's limit: for reading and writing on a slow machine


class RoundUnderWay(Conflict):
    code = "round-under-way"
    title = "A matching round is under way already; wait for its result"


def request_round(work: Work, *, territory: str, policy: Policy, seed: int, time_limit_seconds: int) -> UUID:
    """By a budget officer whose scope holds the territory prefix. The round's id. Raises RoundUnderWay,
    UnknownTerritory."""
    work.actor.require(Role.BUDGET_OFFICER, territory=territory)
    check_territory_prefix(work, territory)
    for other in queries.unfinished_rounds(work):
        if work.now < other.requested_at + timedelta(seconds=other.time_limit_seconds) + LEEWAY:
            raise RoundUnderWay(rule="one-round-at-a-time")
        fail_round(work, other.id, "it took longer than its limit: its worker must have died")
    round_id = new_id()
    work.insert(
        RoundRow,
        id=round_id,
        number=queries.next_round_number(work),
        territory=territory,
        policy=policy,
        seed=seed,
        time_limit_seconds=time_limit_seconds,
        status=RoundStatus.REQUESTED,
        requested_by=work.actor.id,
        requested_at=work.now,
    )
    record(work, "round", round_id, "requested")
    return round_id


def claim_round(work: Work) -> UUID | None:
    """The oldest round that nobody runs yet, now the caller's; of several workers one gets it."""
    for asked in queries.unfinished_rounds(work):
        mine = RoundRow.status == RoundStatus.REQUESTED
        if work.update(RoundRow, asked.id, mine, status=RoundStatus.RUNNING, facts={"phase": "claimed"}):
            record(work, "round", asked.id, "claimed")
            return asked.id
    return None


def fail_round(work: Work, round_id: UUID, problem: str) -> None:
    """Whatever state it is in; a round that was finished meanwhile is left alone."""
    unfinished = RoundRow.status.in_([RoundStatus.REQUESTED, RoundStatus.RUNNING])
    if work.update(
        RoundRow,
        round_id,
        unfinished,
        status=RoundStatus.FAILED,
        finished_at=work.now,
        certificate=problem,
        facts={"problem": problem},
    ):
        record(work, "round", round_id, "failed")
