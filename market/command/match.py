"""``market match``: the matcher alone, file to file; no database, no settings."""

from argparse import SUPPRESS, ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from contracts.kernel.errors import Malformed
from market.command import limits
from market.command.outcome import Outcome
from market.settings import Settings
from matching.errors import MalformedResult, MatchingError
from matching.reading import read_instance, unfolded
from matching.result import Policy, Result, Status, parse_result, result_document
from matching.solve import solve
from matching.verify import verify

WORKERS = 2


class Refused(Malformed):
    code = "match-refused"
    title = "The matcher refuses this input"


def configure(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="solve|verify")
    solving = actions.add_parser("solve", help="place the requests of an instance; write the result")
    solving.add_argument("instance", type=Path)
    solving.add_argument("-o", "--output", type=Path, required=True, metavar="RESULT")
    solving.add_argument("--policy", choices=list(Policy), type=Policy, default=Policy.WELFARE)
    solving.add_argument("--seed", type=limits.seed_number, default=1)
    solving.add_argument("--time-limit", type=limits.fraction_of_seconds, metavar="SECONDS")
    verifying = actions.add_parser("verify", help="check a result and its proof without any solver")
    verifying.add_argument("instance", type=Path)
    verifying.add_argument("result", type=Path)
    for action in (solving, verifying):  # --json is understood on either side of the action's name
        action.add_argument("--json", action="store_true", default=SUPPRESS, help="print one JSON object")


def run(arguments: Namespace, _settings: Settings) -> Outcome:
    """Raises Refused for a file that cannot be read or holds a fault, naming it."""
    try:
        return _solve(arguments) if arguments.action == "solve" else _verify(arguments)
    except OSError as error:
        raise Refused(f"{error.filename}: {error.strerror}") from error
    except MatchingError as error:
        raise Refused(error.detail, pointer=str(error.members.get("pointer", ""))) from error


def _solve(arguments: Namespace) -> Outcome:
    begun = perf_counter()
    instance = read_instance(arguments.instance)
    read = perf_counter() - begun
    result = solve(instance, arguments.policy, seed=arguments.seed, time_limit=arguments.time_limit, workers=WORKERS)
    checking = perf_counter()
    violation = verify(instance, result)
    assert violation is None, f"our own result does not hold: {violation}"
    seconds = {"read": read, **result.seconds, "verify": perf_counter() - checking}
    result = replace(result, seconds={name: round(value, 6) for name, value in seconds.items()})
    arguments.output.write_bytes(result_document(result))
    return Outcome([_summary(result)], _figures(result))


def _verify(arguments: Namespace) -> Outcome:
    instance = read_instance(arguments.instance)
    result = parse_result(unfolded(arguments.result.read_bytes(), MalformedResult))
    violation = verify(instance, result)
    if violation is None:
        return Outcome([f"Holds: {_summary(result)}"], _figures(result))
    return Outcome(problems=[{"code": violation.code, "detail": violation.detail}])


def _summary(result: Result) -> str:
    if result.status is Status.INFEASIBLE:
        return f"{result.status}: {len(result.witness)} requests together have too few places"
    return f"{result.status}: {result.served} served, by tier {list(result.served_by_tier)}, cost {result.cost}"


def _figures(result: Result) -> dict[str, object]:
    return {
        "status": str(result.status), "policy": str(result.policy), "served": result.served,
        "served_by_tier": list(result.served_by_tier), "cost": result.cost, "bound": result.bound, "gap": result.gap,
        "seconds": dict(result.seconds),
    }  # fmt: skip
