import sys
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from time import perf_counter

from market.command.database import opened
from market.command.outcome import Outcome
from market.migrate import migrate
from market.seed.demo import seed_demo
from market.seed.installation import seed_national
from market.settings import Settings

MAX_SCALE = 20.0  # people enough for any machine this was measured on


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("--profile", choices=["demo", "national"], default="demo")
    parser.add_argument("--scale", type=float, default=1.0, help="national only: times the nation, up to 20")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same people")


def run(arguments: Namespace, settings: Settings) -> Outcome:
    if not 0 < arguments.scale <= MAX_SCALE:
        return Outcome(problems=[{"code": "scale", "detail": f"--scale is above 0 and at most {MAX_SCALE:g}"}])
    begun = perf_counter()

    def progress(text: str) -> None:
        sys.stderr.write(f"{perf_counter() - begun:7.1f} s  {text}\n")

    migrate(settings.database_url)
    with opened(settings) as database:
        if arguments.profile == "demo":
            people = seed_demo(database, settings, seed=arguments.seed, progress=progress)
        else:
            people = seed_national(database, settings, scale=arguments.scale, seed=arguments.seed, progress=progress)
    lines = [f"{p.role:<20} {p.user:<20} password {p.password}  API key {p.api_key}" for p in people]
    seconds = round(perf_counter() - begun, 2)
    return Outcome(lines, {"sign_in": [asdict(person) for person in people], "seconds": {"total": seconds}})
