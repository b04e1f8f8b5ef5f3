"""Lines of an act out of what was served."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from contracts.act.pricing import Collector, Priced, Vat, cost_of, priced
from contracts.act.rules import ActLine, LineOf
from contracts.act.served import Served
from contracts.kernel.ids import new_id


def lines_of(
    act_id: UUID, served: Sequence[Served], *, vat: Vat, charges: Mapping[UUID, int], collector: Collector
) -> list[ActLine]:
    """In the order given, with ids in that order. ``charges``: what each engagement's recipient may still be asked for;
    of several lines of one engagement the first asks first."""
    left = dict(charges)
    ids = sorted(new_id() for _ in served)
    lines = []
    for line_id, one in zip(ids, served, strict=True):
        counted = one.what is not LineOf.VISITS
        cost = cost_of(one.unit, one.unit_price_minor, quantity=one.quantity, seconds=one.seconds, counted=counted)
        charge = left.get(one.engagement_id, 0)
        figures = priced(cost, vat=vat, charge_minor=charge, collector=collector)
        if charge:
            left[one.engagement_id] = charge - figures.copayment_minor
        lines.append(_line(act_id, line_id, one, figures))
    return lines


def _line(act_id: UUID, line_id: UUID, one: Served, figures: Priced) -> ActLine:
    return ActLine(
        id=line_id,
        act_id=act_id,
        engagement_id=one.engagement_id,
        recipient_id=one.recipient_id,
        kind=one.kind,
        setting=one.setting,
        unit=one.unit,
        what=one.what,
        entries=one.entries,
        quantity=one.quantity,
        seconds=one.seconds,
        unit_price_minor=one.unit_price_minor,
        cost_minor=figures.cost_minor,
        deducted_minor=0,
        deduct_code=None,
        deduct_note=None,
        deducted_by=None,
        vat_minor=figures.vat_minor,
        copayment_minor=figures.copayment_minor,
        amount_minor=figures.amount_minor,
    )
