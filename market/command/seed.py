import sys
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from time import perf_counter

from market.command import limits
from market.command.database import opened, reachable
from market.command.outcome import Outcome
from market.migrate import migrate
from market.seed.demo import seed_demo
from market.seed.installation import seed_national
from market.settings import Settings


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("--profile", choices=["demo", "national"], default="demo")
    parser.add_argument("--scale", type=limits.scale, default=1.0, help="national only: times the nation, up to 20")
    parser.add_argument("--seed", type=limits.seed_number, default=1, help="the same seed gives the same people")


def run(arguments: Namespace, settings: Settings) -> Outcome:
    begun = perf_counter()

    def progress(text: str) -> None:
        sys.stderr.write(f"{perf_counter() - begun:7.1f} s  {text}\n")

    with reachable():
        migrate(settings.database_url)
    with opened(settings) as database:
        if arguments.profile == "demo":
            people = seed_demo(database, settings, seed=arguments.seed, progress=progress)
        else:
            people = seed_national(database, settings, scale=arguments.scale, seed=arguments.seed, progress=progress)
    lines = [f"{p.role:<20} {p.user:<20} password {p.password}  API key {p.api_key}" for p in people]
    seconds = round(perf_counter() - begun, 2)
    return Outcome(lines, {"sign_in": [asdict(person) for person in people], "seconds": {"total": seconds}})
