"""What-if questions are answered by a process of their own, because the solver has no place in the web: one process a
question, that ends with its answer. Few at once, and none for long."""

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any
from uuid import UUID

from contracts.kernel.errors import DomainError
from market.placement.rehousing import OfferStillOpen, ProposedMove
from market.placement.supposing import AnswerOverdue, NothingToSuppose, Question, QuestionUnanswerable, Supposed
from market.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = 2  # each takes a processor and as much memory as a round
LIMIT_SECONDS = 150.0  # the nation takes a tenth of it on a quiet machine
_seats = threading.BoundedSemaphore(AT_ONCE)
_REFUSALS: tuple[type[DomainError], ...] = (QuestionUnanswerable, NothingToSuppose)


def answer(settings: Settings, number: int, question: Question) -> Supposed:
    """Blocks. Raises QuestionUnanswerable, NothingToSuppose, AnswerOverdue."""
    if not _seats.acquire(blocking=False):
        raise AnswerOverdue("Other questions are being answered: try again in a minute")
    try:
        return _ask(settings, number, question)
    finally:
        _seats.release()


def rehousing_plan(settings: Settings, offer_id: UUID) -> list[ProposedMove]:
    """Where those served under a closed offer could go. Blocks. Raises OfferStillOpen, AnswerOverdue."""
    if not _seats.acquire(blocking=False):
        raise AnswerOverdue("Other questions are being answered: try again in a minute")
    try:
        told = _told(settings, "rehouse", str(offer_id))
    finally:
        _seats.release()
    if told["ok"]:
        return [ProposedMove.of_json(move) for move in told["moves"]]
    problem = told["problems"][0]
    if problem["code"] == OfferStillOpen.code:
        raise OfferStillOpen(problem["detail"])
    raise AnswerOverdue


def _ask(settings: Settings, number: int, question: Question) -> Supposed:
    told = _told(settings, "what-if", str(number), json.dumps(question.to_json()))
    if told["ok"]:
        return Supposed.of_json(told)
    problem = told["problems"][0]
    for refusal in _REFUSALS:
        if problem["code"] == refusal.code:
            raise refusal(problem["detail"])
    raise AnswerOverdue


def _told(settings: Settings, *words: str) -> dict[str, Any]:
    """What one of our own commands says in JSON. Raises AnswerOverdue."""
    command = [sys.executable, "-m", "market", *words, "--json"]
    try:
        done = subprocess.run(  # noqa: S603 - our own program, and no shell
            command, cwd=ROOT, env=settings.environment(), capture_output=True, timeout=LIMIT_SECONDS, check=False
        )
        told: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        raise AnswerOverdue from None
    return told
