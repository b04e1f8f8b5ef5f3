"""``market what-if``: what a change of places, of a price or of the policy would do to a complete round, on a copy."""

import json
from argparse import ArgumentParser, Namespace

from contracts.kernel.errors import Malformed
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Work
from market.command import limits
from market.command.database import opened
from market.command.outcome import Outcome
from market.placement.asking_queries import asking_of, check_askable
from market.placement.stored_queries import round_of, stored_instance, stored_result
from market.placement.supposed import Case, suppose
from market.placement.supposing import Kind, Question, Supposed
from market.settings import Settings

SUCH = '{"kind": "add", "offer": "<id>", "count": 10}'


class QuestionUnreadable(Malformed):
    code = "what-if-unreadable"
    title = "The question is not one JSON object of a what-if"


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("number", type=limits.round_number, help="of the round")
    parser.add_argument("question", help=f"such as {SUCH}")


def run(arguments: Namespace, settings: Settings) -> Outcome:
    """Raises QuestionUnreadable, QuestionUnclear, QuestionUnanswerable, RoundNotFound, NothingToSuppose."""
    question = _question(arguments.question)
    with opened(settings) as database:
        told = answered(database, arguments.number, question)
    before, after = told.before, told.after
    lines = [
        f"{after.served - before.served:+} served ({before.served} to {after.served} of {told.asked})",
        f"{told.gained} gain a place, {told.lost} lose one, {told.moved} sit elsewhere",
        *(f"one more place at {offer}: {', '.join(map(str, served))} served" for offer, served in told.advice),
    ]
    return Outcome(lines, told.to_json())


def answered(database: Database, number: int, question: Question) -> Supposed:
    def read(work: Work) -> Case:
        one = round_of(work, number)
        check_askable(work, one)
        instance = stored_instance(work, one.id)
        asking = None
        if question.kind is Kind.PRICE and question.offer_id is not None:
            asking = asking_of(work, instance, question.offer_id)
        return Case(one, instance, stored_result(work, one.id, instance), asking)

    return suppose(database.read(SYSTEM, read), question)


def _question(text: str) -> Question:
    try:
        return Question.of_json(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        kinds = ", ".join(kind for kind in Kind if kind is not Kind.POLICY)
        raise QuestionUnreadable(
            f"Ask with one JSON object such as {SUCH}; kind is {kinds} or {Kind.POLICY}"
        ) from fault
