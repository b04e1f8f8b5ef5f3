from argparse import ArgumentParser, Namespace

from contracts.audit.queries import verify
from contracts.kernel.work import SYSTEM
from market.command.database import opened
from market.command.outcome import Outcome
from market.settings import Settings


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=["verify"], help="verify: walk every chain from its first event")


def run(_arguments: Namespace, settings: Settings) -> Outcome:
    with opened(settings) as database:
        verdict = database.read(SYSTEM, verify)
    report = {
        "events": verdict.events, "streams": verdict.streams, "checkpoints": 0, "first_fault": verdict.first_fault,
    }  # fmt: skip
    problems = [{"code": "audit-broken", "detail": verdict.first_fault}] if verdict.first_fault else []
    return Outcome([f"{verdict.events} events in {verdict.streams} streams: every chain holds."], report, problems)
