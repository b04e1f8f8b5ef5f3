"""Looking up a what-if: the round with its files, the offers by their numbers, and what people ask for today."""

from uuid import UUID

import numpy as np
import sqlalchemy as sa

from contracts.kernel.work import Work
from market.catalogue.models import LocalityRow
from market.placement import queries
from market.placement.models import RequestRow
from market.placement.part import service_of, services_of
from market.placement.rules import Candidate, Round, RoundStatus, distance_m, reach_m
from market.placement.stored import StoredInstance
from market.placement.stored_queries import has_files
from market.placement.supposing import NothingToSuppose, QuestionUnanswerable, QuestionUnclear
from market.placement.tariffs import Asking
from market.provider.models import OfferRow

AT_ONCE = 500  # requests looked up in one statement
NEVER = -1


def check_askable(work: Work, one: Round) -> None:
    """Raises NothingToSuppose."""
    if one.status is not RoundStatus.COMPLETE or not has_files(work, one.id):
        raise NothingToSuppose(rule="complete-with-files", status=str(one.status))


def offer_numbered(work: Work, number: str, field: str) -> UUID:
    """Raises QuestionUnclear beside the field."""
    found = work.scalar(sa.select(OfferRow.id).where(OfferRow.number == number.strip().upper()))
    if found is None:
        raise QuestionUnclear("There is no offer with this number", pointer=f"/{field}", rule="known-offer")
    return UUID(str(found))


def asking_of(work: Work, instance: StoredInstance, offer_id: UUID) -> Asking:
    """Of everybody in the service of the offer. Raises QuestionUnanswerable where the round does not know the offer."""
    arcs, offer = instance.arcs, queries.candidate(work, offer_id)
    if offer_id.hex not in instance.offer:
        raise QuestionUnanswerable("This offer was not open when the round began", rule="offer-in-the-round")
    slot = instance.offer.index(offer_id.hex)
    wanted = (str(offer.kind), str(offer.setting), str(offer.unit))
    known = services_of(arcs, slot) or {at for at, one in enumerate(arcs.lists.services) if one == wanted}
    if not known:
        raise QuestionUnanswerable("Nobody in the round needs this service", rule="offer-in-the-round")
    (service,) = known
    rows = np.flatnonzero(service_of(arcs) == service)
    ceiling, away = np.zeros(len(instance.size), dtype=np.int64), np.full(len(instance.size), NEVER, dtype=np.int64)
    first = np.cumsum(arcs.groups.count) - arcs.groups.count
    people = asked_by(work, [instance.request[int(first[row])] for row in rows.tolist()])
    for row in rows.tolist():
        category, most, home, territory = people[instance.request[int(first[row])]]
        ceiling[row] = most
        worst = arcs.terms.worst_at(territory)
        away[row] = _distance(_kept_distance(instance, row, slot), offer, category, home, worst)
    return Asking(service, ceiling, away)


def asked_by(work: Work, ids: list[str]) -> dict[str, tuple[str, int, tuple[float, float], str]]:
    """By id: the category, what the voucher pays at most, where the home's locality is, and its territory."""
    found: dict[str, tuple[str, int, tuple[float, float], str]] = {}
    for start in range(0, len(ids), AT_ONCE):
        part = [UUID(hex=one) for one in ids[start : start + AT_ONCE]]
        statement = (
            sa.select(
                RequestRow.id, RequestRow.category, RequestRow.ceiling_minor, LocalityRow.latitude,
                LocalityRow.longitude, LocalityRow.territory,
            )
            .join(LocalityRow, LocalityRow.id == RequestRow.locality_id)
            .where(RequestRow.id.in_(part))
        )  # fmt: skip
        found |= {row[0].hex: (row[1], row[2], (row[3], row[4]), row[5]) for row in work.rows(statement)}
    return found


def _kept_distance(instance: StoredInstance, row: int, slot: int) -> int | None:
    """As the round has it; None where the offer is not among the class's candidates."""
    classes = instance.arcs.classes
    here = slice(int(classes.first_arc[row]), int(classes.first_arc[row + 1]))
    at = np.flatnonzero(classes.arc_slot[here] == slot)
    return int(instance.arcs.distance_m[here][at[0]]) if len(at) else None


def _distance(
    known: int | None, offer: Candidate, category: str, home: tuple[float, float], worst_m: int | None
) -> int:
    """How far the offer is from such a home; NEVER where it may not serve it at any price."""
    if known is not None:
        return known
    if category not in offer.categories:
        return NEVER
    away, reach = distance_m(*home, offer.latitude, offer.longitude), reach_m(offer.setting, offer.radius_m)
    limits = [limit for limit in (reach, worst_m if reach is not None else None) if limit is not None]
    return away if all(away <= limit for limit in limits) else NEVER
