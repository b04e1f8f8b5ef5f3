"""Which of the acts to pay the reader may order, what the others still lack, and how ordered money leaves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from contracts.approval.queries import interests, standings
from contracts.approval.rules import Beside, Standing, Subject, SubjectKind
from contracts.kernel.work import Role, Work
from contracts.payment.batch_queries import held_by
from contracts.payment.clearance import hands_of
from contracts.payment.paying_accounts import channel_of
from contracts.payment.rules import Channel
from contracts.payment.weighing import Load, besides
from market.oversight.desk import WaitingAct
from market.web.language import _

ORDERED: Mapping[Channel, str] = {
    Channel.SERVER: _("The payment is ordered. It is sent in a moment."),
    Channel.FILE: _("The payment is ordered. It waits for an order to the bank, which a finance officer makes."),
}
ALL_ORDERED: Mapping[frozenset[Channel], str] = {
    frozenset({Channel.SERVER}): _("The payments of the batch are ordered. They are sent in a moment."),
    frozenset({Channel.FILE}): _("The payments of the batch are ordered. Make the order to the bank that takes them."),
    frozenset(Channel): _(
        "The payments of the batch are ordered. What goes by file waits for an order to the bank, the rest is sent in a"
        " moment."
    ),
}


def channels_of(work: Work, territories: Iterable[str]) -> frozenset[Channel]:
    """How money for these territories leaves now; by the payment server where there is nothing to pay."""
    return frozenset(channel_of(work, one) for one in set(territories)) or frozenset({Channel.SERVER})


@dataclass(frozen=True, slots=True)
class Orders:
    """``may``: acts whose payment the reader may order now; ``lacking``: those that others must approve before;
    ``held``: those that are paid with a batch, by its number."""

    may: frozenset[UUID]
    lacking: dict[UUID, Standing]
    held: dict[UUID, str]


def orders_of(work: Work, acts: Sequence[WaitingAct]) -> Orders:
    """As the service decides: a third person, enough others have approved, none of them orders, and no interest."""
    beside = besides(work, [Load(one.id, one.provider_id, one.territory) for one in acts])
    found = standings(work, [(_subject(one, beside[one.id]), one.total_minor) for one in acts])
    held = held_by(work, [one.id for one in acts])
    ties = {one.provider_id for one in interests(work, work.actor.id)} if work.actor.id else set()
    may = frozenset(
        one.id
        for one in acts
        if work.actor.has(Role.FINANCE_OFFICER, territory=one.territory)
        and work.actor.id not in hands_of(one)
        and one.id not in held
        and one.provider_id not in ties
        and found[one.id].is_complete
        and all(said.decided_by != work.actor.id for said in found[one.id].approved)
    )
    lacking = {id_: standing for id_, standing in found.items() if not standing.is_complete and id_ not in held}
    return Orders(may, lacking, held)


def _subject(act: WaitingAct, beside: Beside) -> Subject:
    return Subject(SubjectKind.ACT, act.id, act.territory, frozenset({act.provider_id}), hands_of(act), beside)
