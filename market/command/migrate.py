from argparse import ArgumentParser, Namespace

from market.command.database import reachable
from market.command.outcome import Outcome
from market.migrate import migrate
from market.settings import Settings


def configure(parser: ArgumentParser) -> None:
    """Nothing to choose."""


def run(_arguments: Namespace, settings: Settings) -> Outcome:
    with reachable():
        migrate(settings.database_url)
    return Outcome(["The schema is at its newest version."])
