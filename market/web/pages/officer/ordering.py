"""Which of the acts to pay the reader may order, and what the others still lack."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from contracts.approval.queries import interests, standings
from contracts.approval.rules import Standing, Subject, SubjectKind
from contracts.kernel.work import Role, Work
from market.oversight.desk import WaitingAct


@dataclass(frozen=True, slots=True)
class Orders:
    """``may``: acts whose payment the reader may order now; ``lacking``: those that others must approve before."""

    may: frozenset[UUID]
    lacking: dict[UUID, Standing]


def orders_of(work: Work, acts: Sequence[WaitingAct]) -> Orders:
    """As the service decides: a third person, enough others have approved, none of them orders, and no interest."""
    found = standings(work, [(_subject(one), one.total_minor) for one in acts])
    ties = {one.provider_id for one in interests(work, work.actor.id)} if work.actor.id else set()
    may = frozenset(
        one.id
        for one in acts
        if work.actor.has(Role.FINANCE_OFFICER, territory=one.territory)
        and work.actor.id not in _subject(one).hands
        and one.provider_id not in ties
        and found[one.id].is_complete
        and all(said.decided_by != work.actor.id for said in found[one.id].approved)
    )
    return Orders(may, {id_: standing for id_, standing in found.items() if not standing.is_complete})


def _subject(act: WaitingAct) -> Subject:
    hands = frozenset(one for one in (act.drafted_by, act.submitted_by, act.accepted_by) if one is not None)
    return Subject(SubjectKind.ACT, act.id, act.territory, frozenset({act.provider_id}), hands)
