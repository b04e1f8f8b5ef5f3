import sys
from argparse import ArgumentParser, Namespace

from contracts.kernel.work import SYSTEM
from market.command import limits
from market.command.database import opened
from market.command.outcome import Outcome
from market.placement.round import TIME_LIMIT, run_round
from market.placement.rules import Policy
from market.settings import Settings


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=["run"], help="run: place everyone who waits")
    parser.add_argument("--territory", default="", metavar="CODE", help="a prefix of the territory code")
    parser.add_argument("--policy", choices=list(Policy), type=Policy, default=Policy.WELFARE)
    parser.add_argument("--seed", type=limits.seed_number, default=1, help="of the published lottery among equals")
    parser.add_argument("--time-limit", type=limits.seconds, default=TIME_LIMIT, metavar="SECONDS")


def run(arguments: Namespace, settings: Settings) -> Outcome:
    with opened(settings) as database:
        report = run_round(
            database, actor=SYSTEM, territory=arguments.territory, policy=arguments.policy, seed=arguments.seed,
            time_limit=arguments.time_limit, progress=_say,
        )  # fmt: skip
    tiers = ", ".join(map(str, report.served_by_tier))
    line = f"{report.served} of {report.requests} placed (by tier: {tiers}); certificate {report.certificate}"
    facts = f"{report.seconds['total']:.1f} s, {report.peak_rss_mib} MiB"
    return Outcome([line, facts], report.to_json(), report.problems)


def _say(phase: str) -> None:
    sys.stderr.write(f"{phase}\n")
