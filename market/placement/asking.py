"""Asking a complete round what if: who may, and that it was asked. The answer is worked out elsewhere and not kept."""

from uuid import UUID

from contracts.audit.service import record
from contracts.kernel.work import Role, Work
from market.placement import queries
from market.placement.asking_queries import check_askable
from market.placement.supposing import Question


def ask_what_if(work: Work, round_id: UUID, question: Question) -> int:
    """By a budget officer or an auditor whose scope holds the round's territory. The number of the round. Raises
    NothingToSuppose."""
    one = queries.round_(work, round_id)
    work.actor.require(Role.BUDGET_OFFICER, Role.AUDITOR, territory=one.territory)
    check_askable(work, one)
    record(work, "round", round_id, f"asked-what-if-{question.kind}")
    return one.number
