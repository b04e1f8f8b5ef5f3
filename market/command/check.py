from argparse import ArgumentParser, Namespace

from market.command.database import opened
from market.command.outcome import Outcome
from market.oversight.check import check
from market.settings import Settings


def configure(parser: ArgumentParser) -> None:
    """Nothing to choose: every invariant is checked."""


def run(_arguments: Namespace, settings: Settings) -> Outcome:
    with opened(settings) as database:
        findings = check(database)
    lines = [f"{f.checked:>9} checked {len(f.broken):>4} broken  {f.name}" for f in findings]
    problems = [
        {"code": "invariant-broken", "detail": f"{f.name}: {', '.join(f.broken[:5])}"} for f in findings if f.broken
    ]
    report = {"invariants": [{"name": f.name, "checked": f.checked, "broken": f.broken} for f in findings]}
    return Outcome(lines, report, problems)
