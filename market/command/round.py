"""``market round``: run one; check a stored one without a solver, solve it again and compare, or hand it out."""

import sys
from argparse import SUPPRESS, ArgumentParser, Namespace
from enum import StrEnum
from pathlib import Path

from contracts.kernel.errors import Malformed
from contracts.kernel.work import SYSTEM, Work
from market.command import limits
from market.command.database import opened
from market.command.outcome import Outcome
from market.placement.again import run_again
from market.placement.checking import check_round
from market.placement.cluster import cluster
from market.placement.exporting import RoundQuestion, exported
from market.placement.round import TIME_LIMIT, WORKERS, run_round
from market.placement.rules import Policy
from market.placement.stored import StoredInstance, StoredResult
from market.placement.stored_queries import round_of, stored_instance, stored_result
from market.settings import Settings
from matching import Engine, result_document, write_instance


class Where(StrEnum):
    LOCAL = "local"
    DASK = "dask"


class SchedulerWithoutDask(Malformed):
    code = "scheduler-without-dask"
    title = "--scheduler needs --engine dask"


def configure(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="run|verify|rerun|export")
    running = actions.add_parser("run", help="place everyone who waits")
    running.add_argument("--territory", default="", metavar="CODE", help="a prefix of the territory code")
    running.add_argument("--policy", choices=list(Policy), type=Policy, default=Policy.WELFARE)
    running.add_argument("--seed", type=limits.seed_number, default=1, help="of the published lottery among equals")
    running.add_argument("--time-limit", type=limits.seconds, default=TIME_LIMIT, metavar="SECONDS")
    verifying = actions.add_parser("verify", help="check a stored round and its proof without any solver")
    again = actions.add_parser("rerun", help="solve a stored round again and compare; nothing is written")
    handing = actions.add_parser("export", help="one question of a stored round as files for 'market match verify'")
    handing.add_argument("--question", choices=list(RoundQuestion), type=RoundQuestion, default=RoundQuestion.WHO)
    handing.add_argument("--instance", type=Path, required=True, metavar="FILE", help="gzipped where it ends in .gz")
    handing.add_argument("--result", type=Path, required=True, metavar="FILE")
    for action in (verifying, again, handing):
        action.add_argument("number", type=limits.round_number)
    for action in (running, again):
        action.add_argument("--engine", choices=list(Where), type=Where, default=Where.LOCAL)
        action.add_argument("--scheduler", metavar="ADDR", help="of a Dask cluster, tcp://host:port; none: one here")
    for action in (running, verifying, again, handing):  # --json is understood on either side of the action's name
        action.add_argument("--json", action="store_true", default=SUPPRESS, help="print one JSON object")


def run(arguments: Namespace, settings: Settings) -> Outcome:
    verbs = {"run": _run, "verify": _verify, "rerun": _rerun, "export": _export}
    return verbs[arguments.action](arguments, settings)


def _run(arguments: Namespace, settings: Settings) -> Outcome:
    engine = _engine(arguments)
    with opened(settings) as database:
        report = run_round(
            database, actor=SYSTEM, territory=arguments.territory, policy=arguments.policy, seed=arguments.seed,
            time_limit=arguments.time_limit, engine=engine, progress=_say,
        )  # fmt: skip
    tiers = ", ".join(map(str, report.served_by_tier))
    line = f"{report.served} of {report.requests} placed (by tier: {tiers}); certificate {report.certificate}"
    facts = f"round {report.number}: {report.seconds['total']:.1f} s, {report.peak_rss_mib} MiB"
    return Outcome([line, facts], report.to_json(), report.problems)


def _verify(arguments: Namespace, settings: Settings) -> Outcome:
    with opened(settings) as database:
        found = database.read(SYSTEM, lambda work: check_round(work, arguments.number))
    tiers = list(found.served_by_tier)
    lines = [] if found.faults else [f"Holds: {found.status}: by tier {tiers} of {found.requests}, cost {found.cost}"]
    report = {
        "number": found.number, "policy": str(found.policy), "status": found.status, "requests": found.requests,
        "served_by_tier": tiers, "cost": found.cost,
    }  # fmt: skip
    return Outcome(lines, report, [{"code": code, "detail": detail} for code, detail in found.faults])


def _rerun(arguments: Namespace, settings: Settings) -> Outcome:
    engine = _engine(arguments)
    with opened(settings) as database:
        again = run_again(database, arguments.number, workers=WORKERS, engine=engine)
    lines = [] if again.difference else [f"Equal: round {again.number} answers its {again.requests} requests as before"]
    report = {
        "number": again.number, "requests": again.requests, "equal": again.difference is None,
        "other_versions": again.other_versions,
    }  # fmt: skip
    problems = [{"code": "round-differs", "detail": again.difference}] if again.difference else []
    return Outcome(lines, report, problems)


def _export(arguments: Namespace, settings: Settings) -> Outcome:
    def read(work: Work) -> tuple[StoredInstance, StoredResult]:
        found = round_of(work, arguments.number)
        kept = stored_instance(work, found.id)
        return kept, stored_result(work, found.id, kept)

    with opened(settings) as database:
        kept = database.read(SYSTEM, read)
    instance, result = exported(*kept, arguments.question)
    write_instance(instance, arguments.instance)
    arguments.result.write_bytes(result_document(result))
    report = {"number": arguments.number, "requests": len(instance.request_ids), "served": result.served}
    return Outcome([f"{len(instance.request_ids)} requests, {result.served} served"], report)


def _engine(arguments: Namespace) -> Engine | None:
    """None: processes of this machine. Raises SchedulerWithoutDask, SchedulerAddressWrong, SchedulerUnreachable."""
    if arguments.engine is Where.DASK:
        return cluster(arguments.scheduler, workers=WORKERS)
    if arguments.scheduler is not None:
        raise SchedulerWithoutDask
    return None


def _say(phase: str) -> None:
    sys.stderr.write(f"{phase}\n")
