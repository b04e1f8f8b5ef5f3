"""Asking for a matching round: written down here, in a request; carried out by the worker, with the solver."""

from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from contracts.audit.service import record
from contracts.kernel.errors import Conflict
from contracts.kernel.ids import new_id
from contracts.kernel.work import Role, Work
from market.catalogue.queries import check_territory_prefix
from market.placement import queries
from market.placement.lease import MAX_RUNS, is_alive, lease_of, take_lease
from market.placement.models import RoundRow
from market.placement.rules import Policy, Round, RoundStatus


class Claim(NamedTuple):
    """A round and the number of the run that has begun it."""

    round_id: UUID
    run: int


class Failure(StrEnum):
    """How a round ends that no error ended."""

    GAVE_WAY = "gave-way"
    WORKER_DIED = "worker-died"
    WORKERS_DIED = "workers-died"


class RoundUnderWay(Conflict):
    """``number``: of the round that holds the territory; ``held_until``: at the latest, unless its worker shows another
    sign of life; None where no worker has begun it."""

    code = "round-under-way"
    title = "A matching round is under way already; wait for its result"


def request_round(
    work: Work, *, territory: str, policy: Policy, seed: int, time_limit_seconds: int, at_once: bool = False
) -> UUID:
    """By a budget officer whose scope holds the territory prefix. The round's id. Rounds of territories that do not
    overlap go on side by side. ``at_once``: for whoever runs it (as run 1); one that nobody has begun gives way.
    Raises RoundUnderWay, UnknownTerritory."""
    work.actor.require(Role.BUDGET_OFFICER, territory=territory)
    check_territory_prefix(work, territory)
    while True:
        # the number first: whoever asked before it is seen below, whoever asks after it takes the number from us
        number = queries.next_round_number(work)
        _make_way(work, territory, before_waiting=at_once)
        round_id = new_id()
        if work.insert_if_new(
            RoundRow,
            id=round_id,
            number=number,
            territory=territory,
            policy=policy,
            seed=seed,
            time_limit_seconds=time_limit_seconds,
            status=RoundStatus.REQUESTED,
            requested_by=work.actor.id,
            requested_at=work.now,
        ):
            break
    if at_once:
        take_lease(work, round_id)
    record(work, "round", round_id, "requested")
    return round_id


def claim_round(work: Work) -> Claim | None:
    """The oldest round that nobody runs, or whose worker has died, now the caller's; of several workers one gets it."""
    for asked in queries.unfinished_rounds(work):
        if _is_run(work, asked.id) or not _hold(work, asked.id):
            continue
        lease = lease_of(work, asked.id)
        if lease is not None and lease.run >= MAX_RUNS:
            fail_round(work, asked.id, f"{MAX_RUNS} workers died of it", Failure.WORKERS_DIED)
            continue
        work.update(RoundRow, asked.id, status=RoundStatus.RUNNING, facts={"phase": "claimed"})
        claim = Claim(asked.id, take_lease(work, asked.id))
        record(work, "round", asked.id, "claimed" if lease is None else "taken-over")
        return claim
    return None


def is_asked(work: Work) -> bool:
    """Whether ``claim_round`` may find one."""
    return any(not _is_run(work, one.id) for one in queries.unfinished_rounds(work))


def _make_way(work: Work, territory: str, *, before_waiting: bool) -> None:
    """No unfinished round shares a place with this territory afterwards. Raises RoundUnderWay."""
    for other in queries.unfinished_rounds(work):
        if not overlap(other.territory, territory):
            continue
        waits = lease_of(work, other.id) is None
        if _is_run(work, other.id) or (waits and not before_waiting):
            raise _under_way(work, other)
        if _hold(work, other.id):
            if waits:
                fail_round(work, other.id, "a later round was begun before it", Failure.GAVE_WAY)
            else:
                fail_round(work, other.id, "its worker has died", Failure.WORKER_DIED)


def _under_way(work: Work, other: Round) -> RoundUnderWay:
    lease = lease_of(work, other.id)
    until = lease and lease.until.isoformat()
    return RoundUnderWay(rule="one-round-at-a-time", number=other.number, held_until=until)


def overlap(one: str, other: str) -> bool:
    """Whether two territory prefixes share a place."""
    return one.startswith(other) or other.startswith(one)


def _is_run(work: Work, round_id: UUID) -> bool:
    lease = lease_of(work, round_id)
    return lease is not None and is_alive(work, lease)


def _hold(work: Work, round_id: UUID) -> bool:
    """Lock the round's row, and look again: whether it is unfinished still and nobody runs it."""
    unfinished = queries.round_(work, round_id, lock=True).status in {RoundStatus.REQUESTED, RoundStatus.RUNNING}
    return unfinished and not _is_run(work, round_id)


def fail_run(work: Work, claim: Claim, problem: str, code: str) -> None:
    """The run gives the round up; where another worker has taken it over, it is that one's."""
    queries.round_(work, claim.round_id, lock=True)
    lease = lease_of(work, claim.round_id)
    if lease is not None and lease.run == claim.run:
        fail_round(work, claim.round_id, problem, code)


def fail_round(work: Work, round_id: UUID, problem: str, code: str) -> None:
    """``code``: a Failure, or that of the error which ended it. Whatever state it is in; a round that was finished
    meanwhile is left alone. How far it had come stays known."""
    reached = queries.round_(work, round_id).facts or {}
    unfinished = RoundRow.status.in_([RoundStatus.REQUESTED, RoundStatus.RUNNING])
    if work.update(
        RoundRow,
        round_id,
        unfinished,
        status=RoundStatus.FAILED,
        finished_at=work.now,
        certificate=problem,
        facts={**reached, "problem": problem, "code": str(code)},
    ):
        record(work, "round", round_id, "failed")
