"""One matching round, database to database: read, arcs, solve, verify, write; each step visible, none half done.

The round's row is committed as requested, then as running with its phase, then complete together with everything it
decided, or failed with the reason. While it runs, it renews a lease. A round that died stays unfinished until the lease
has run out; then a worker runs it anew or the next round marks it failed, and should the old run be alive after all, it
finds that out before it writes.
"""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from uuid import UUID

import numpy as np

from contracts.audit.service import record
from contracts.kernel.errors import DomainError
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Work
from market.placement import census as counting
from market.placement import figures, queries
from market.placement.answer import solve_welfare
from market.placement.arcs import Arcs, build
from market.placement.census import Census
from market.placement.draw import checked, in_line, serve_in_line
from market.placement.findings import REASONS, Findings, explain
from market.placement.keeping import RoundFiles, round_files, versions, write_files
from market.placement.lease import Heartbeat, check_held, renew
from market.placement.memory import Peak, cpu_seconds, give_back
from market.placement.models import RoundRow
from market.placement.progress import Phase
from market.placement.proof import FEASIBLE, OUT_OF_TIME, VERIFIED, Answer, Solved, check
from market.placement.requesting import Claim, claim_round, fail_run, request_round
from market.placement.rules import ROUND, Policy, RoundOvertaken, RoundStatus
from market.placement.terms import RANK_STEP, RoundTerms
from market.placement.terms_queries import caps_on, terms_before
from market.placement.writeback import write_decisions
from matching import Engine, MatchingError

TIME_LIMIT = 600  # seconds for the solver: ten times what the whole country needs
WORKERS = 2
Progress = Callable[[str], None]


@dataclass(slots=True)
class RoundReport:
    """``seconds`` by phase; ``problems`` say why nothing was written."""

    round_id: UUID
    number: int
    policy: Policy
    ok: bool = False
    requests: int = 0
    served: int = 0
    served_by_tier: tuple[int, ...] = ()
    cost: int = 0
    gap: float | None = None
    status: str = str(RoundStatus.FAILED)
    certificate: str = "nothing was solved"
    seconds: dict[str, float] = field(default_factory=dict)
    cpu_seconds: dict[str, float] = field(default_factory=dict)  # by phase, workers of this machine included
    peak_rss_mib: int = 0
    sizes: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    problems: list[dict[str, str]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return {
            "ok": self.ok,
            "problems": self.problems,
            "round": str(self.round_id),
            "number": self.number,
            "policy": str(self.policy),
            "requests": self.requests,
            "served": self.served,
            "served_by_tier": list(self.served_by_tier),
            "cost": self.cost,
            "gap": self.gap,
            "status": self.status,
            "certificate": self.certificate,
            "reasons": self.reasons,
            "sizes": self.sizes,
            "seconds": {name: round(value, 3) for name, value in self.seconds.items()},
            "cpu_seconds": {name: round(value, 3) for name, value in self.cpu_seconds.items()},
            "peak_rss_mib": self.peak_rss_mib,
        }


def run_round(
    database: Database,
    *,
    actor: Actor = SYSTEM,
    territory: str = "",
    policy: Policy = Policy.WELFARE,
    seed: int = 1,
    time_limit: int = TIME_LIMIT,
    workers: int = WORKERS,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> RoundReport:
    """Place everyone who waits under a territory prefix. The report of a round that was refused says why.

    The solver runs in ``workers`` processes of this machine, or where ``engine`` has them; the answer is the same.

    Raises NotAllowed, UnknownTerritory and RoundUnderWay before there is a round.
    """
    claim = database.write(
        actor, lambda work: _begin(work, territory=territory, policy=policy, seed=seed, time_limit=time_limit)
    )
    return _conduct(database, actor, claim, Means(workers, engine, progress or _silent))


def run_requested(
    database: Database, *, workers: int = WORKERS, progress: Progress | None = None
) -> RoundReport | None:
    """The round that somebody asked for and nobody runs; None where there is none."""
    claim = database.write(SYSTEM, claim_round)
    return None if claim is None else _conduct(database, SYSTEM, claim, Means(workers, None, progress or _silent))


class Runner:
    """A worker's step: the round that somebody asked for; how many it ran."""

    def __call__(self, database: Database) -> int:
        return int(run_requested(database) is not None)


def _silent(_phase: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Means:
    """With what a round is run: none of it changes the answer."""

    workers: int
    engine: Engine | None
    progress: Progress


def _conduct(database: Database, actor: Actor, claim: Claim, means: Means) -> RoundReport:
    begun = time.monotonic()
    asked = database.read(SYSTEM, lambda work: queries.round_(work, claim.round_id))
    report = RoundReport(claim.round_id, asked.number, asked.policy)
    run = _Run(database, actor, report, means, claim)
    try:
        with _without_collector(), Heartbeat(database, *claim), Peak() as peak:
            run.carry_out(asked.territory, asked.seed, asked.time_limit_seconds)
    except (DomainError, MatchingError) as refusal:
        detail, code = str(refusal), refusal.code
        report.problems = [{"code": code, "detail": detail}]
        report.certificate = report.certificate if report.certificate == VERIFIED else detail
        database.write(actor, lambda work: fail_run(work, claim, detail, code))
    report.seconds["total"] = time.monotonic() - begun
    report.peak_rss_mib = peak.mib
    return report


def _read(work: Work, *, territory: str) -> tuple[Census, RoundTerms]:
    """Who waits, what is offered, and what the round is held to, in one snapshot."""
    terms = terms_before(work, territory)
    census = counting.take(work, territory=territory, homes=terms.homes, continuity=terms.continuity_m > 0)
    return census, replace(terms, caps=caps_on(work, census))


def _begin(work: Work, *, territory: str, policy: Policy, seed: int, time_limit: int) -> Claim:
    """Asked for and begun in one go, so that no worker takes it."""
    round_id = request_round(
        work, territory=territory, policy=policy, seed=seed, time_limit_seconds=time_limit, at_once=True
    )
    return Claim(round_id, 1)


@dataclass(slots=True)
class _Run:
    database: Database
    actor: Actor
    report: RoundReport
    means: Means
    claim: Claim
    began: float = 0.0  # the phase it is in, by the monotonic clock
    counted: figures.Figures = field(default_factory=dict)

    def carry_out(self, territory: str, seed: int, time_limit: int) -> None:
        stable = self.report.policy is Policy.STABLE
        with self.phase(Phase.READ):
            census, terms = self.database.read(SYSTEM, partial(_read, territory=territory))
        self.report.seconds["read"] -= census.class_seconds
        self.report.seconds["classes"] = census.class_seconds
        with self.phase(Phase.ARCS):
            arcs = build(census, terms, narrow=True)
        self.count(census, arcs)
        solved = None if stable else self.solve(census, arcs, seed, time_limit)
        answer = self.draw(census, arcs, seed) if solved is None else self.proven(census, arcs, solved)
        self.report.certificate = VERIFIED if answer.status != FEASIBLE else OUT_OF_TIME
        with self.phase(Phase.EXPLAIN):
            findings = explain(arcs, answer)
            self.counted = figures.count(census, arcs, answer)
        with self.phase(Phase.WRITE):
            self.take_in(findings, answer)
            files = round_files(census, arcs, answer.taken, solved, self.circumstances(seed))
            self.database.write(self.actor, lambda work: self.complete(work, census, arcs, findings, answer, files))
        self.report.ok, self.report.status = True, answer.status

    def solve(self, census: Census, arcs: Arcs, seed: int, time_limit: int) -> Solved:
        with self.phase(Phase.SOLVE):
            turn, size, means = census.crowd.turn, census.crowd.sizes(), self.means
            return solve_welfare(
                arcs, turn, size, seed=seed, time_limit=time_limit, workers=means.workers, engine=means.engine
            )

    def proven(self, census: Census, arcs: Arcs, solved: Solved) -> Answer:
        with self.phase(Phase.VERIFY):
            return check(arcs, census.crowd.turn, solved)

    def draw(self, census: Census, arcs: Arcs, seed: int) -> Answer:
        with self.phase(Phase.SOLVE):
            line = in_line(census, seed)
            taken = serve_in_line(arcs, line)
        with self.phase(Phase.VERIFY):
            return checked(arcs, line, taken)

    def count(self, census: Census, arcs: Arcs) -> None:
        self.report.requests = len(census.crowd.member)
        self.report.sizes = {
            "classes": len(census.crowd.count),
            "offers": len(census.supply.id),
            "free": int(arcs.classes.capacity.sum()),
            "arcs": len(arcs.classes.arc_slot),
            "rank_step": RANK_STEP,
        }

    def take_in(self, findings: Findings, answer: Answer) -> None:
        report = self.report
        report.served_by_tier, report.served = answer.served_by_tier, sum(answer.served_by_tier)
        report.cost, report.gap = answer.cost, answer.gap
        counts = dict(zip(REASONS, np.bincount(findings.reason, minlength=len(REASONS)).tolist(), strict=True))
        report.reasons = {str(reason): counts[reason] for reason in sorted(counts) if counts[reason]}

    def so_far(self, phase: Phase) -> dict[str, Any]:
        """What was counted, and how long each phase took: the one it is in up to this moment."""
        report = self.report
        seconds = {**report.seconds, phase.value: time.monotonic() - self.began}
        return {
            "sizes": {"requests": report.requests, **report.sizes} if report.sizes else {},
            "seconds": {name: round(value, 3) for name, value in seconds.items()},
        }

    def circumstances(self, seed: int) -> dict[str, Any]:
        """What must be the same for the same answer."""
        return {"policy": str(self.report.policy), "seed": seed, "versions": versions()}

    def complete(
        self, work: Work, census: Census, arcs: Arcs, findings: Findings, answer: Answer, files: RoundFiles
    ) -> None:
        own = queries.round_(work, self.report.round_id, lock=True)
        if own.status is not RoundStatus.RUNNING:
            raise RoundOvertaken("A later round was begun", rule="one-round-at-a-time")
        check_held(work, *self.claim)
        write_decisions(work, own.id, census, findings, answer.prices)
        write_files(work, own.id, files)
        report = self.report
        done = work.update(
            RoundRow,
            own.id,
            RoundRow.status == own.status,
            status=ROUND.after("completed", own.status),
            finished_at=work.clock(),
            instance_sha256=files.instance_sha256,
            requests=report.requests,
            served=report.served,
            served_by_tier=list(report.served_by_tier),
            cost=report.cost,
            certificate=report.certificate,
            facts={
                "status": answer.status,
                "gap": answer.gap,
                "bound": answer.bound,
                "penalty_by_tier": list(answer.penalty_by_tier),
                "versions": versions(),
                "terms": arcs.terms.to_json(),
                "reasons": report.reasons,
                "figures": self.counted,
                **self.so_far(Phase.WRITE),
            },
        )
        assert done, "the row is locked"
        record(work, "round", own.id, "completed")

    @contextmanager
    def phase(self, name: Phase) -> Iterator[None]:
        self.began = time.monotonic()
        self.database.write(self.actor, lambda work: self.reach(work, name))
        self.means.progress(name.value)
        give_back()
        worked = cpu_seconds()
        yield
        self.report.seconds[name.value] = time.monotonic() - self.began
        self.report.cpu_seconds[name.value] = cpu_seconds() - worked

    def reach(self, work: Work, phase: Phase) -> None:
        """Committed before the phase begins, so that others see where a round is, and where one died."""
        unfinished = RoundRow.status.in_([RoundStatus.REQUESTED, RoundStatus.RUNNING])
        facts = {"phase": phase.value, **self.so_far(phase)}
        if not work.update(RoundRow, self.report.round_id, unfinished, status=RoundStatus.RUNNING, facts=facts):
            raise RoundOvertaken("A later round was begun", rule="one-round-at-a-time")
        renew(work, *self.claim)
        record(work, "round", self.report.round_id, f"reached-{phase}")


@contextmanager
def _without_collector() -> Iterator[None]:
    """Millions of tuples come and go here and none is part of a cycle; looking for cycles costs a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
