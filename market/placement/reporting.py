"""Counting what a round tells afterwards, once, by the worker: how it treated people, where it fell short, and on what
grounds everybody got what they got. Read from what the round has kept; nobody's place depends on it."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from contracts.audit.service import record
from contracts.kernel.bulk import copy_rows
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Work
from market.placement import queries
from market.placement.beyond_queries import Nearest, nearest_beyond
from market.placement.columns import RoundFileBroken
from market.placement.diagnosis import Home, diagnosis_of
from market.placement.ended import Ended
from market.placement.equity import fairness_of, has_disability
from market.placement.grounds import grounds_of, seen
from market.placement.looking_back import ended_round
from market.placement.models import RoundGroundRow, RoundReportRow, RoundSlotRow
from market.placement.other import OTHER, taken_under
from market.placement.report import Kept
from market.placement.report_queries import attributes_of, territories_of_offers
from market.placement.rules import Round, RoundNotProven
from market.placement.stored import StoredInstance, StoredResult
from market.placement.stored_queries import stored_instance, stored_result
from matching import MatchingError

log = logging.getLogger(__name__)
TIME_LIMIT = 120.0  # seconds for the other policy: the nation takes a tenth of it
GROUND = ("round_id", "request_id", "wanted_id", "wanted_m", "opens")
SLOT = ("round_id", "offer_id", "places", "used", "last_tier", "serving_price", "seating_price")


@dataclass(frozen=True, eq=False)
class _Files:
    round: Round
    instance: StoredInstance
    result: StoredResult
    attributes: dict[str, list[str]]
    regions: list[str]
    beyond: Nearest


class Reporter:
    """A worker's step: the oldest complete round that has no report gets one; how many did. What cannot be counted is
    told once and left alone for as long as the worker lives: a report is worth no standstill."""

    def __init__(self) -> None:
        self._left: set[UUID] = set()

    def __call__(self, database: Database) -> int:
        due = database.read(SYSTEM, lambda work: queries.rounds_without_report(work, limit=len(self._left) + 1))
        for round_id in due:
            if round_id in self._left:
                continue
            try:
                make_report(database, round_id)
            except (RoundFileBroken, MatchingError, RoundNotProven) as fault:
                log.warning("round %s cannot be reported: %s", round_id, fault)
                self._left.add(round_id)
            else:
                return 1
        return 0


def make_report(database: Database, round_id: UUID) -> None:
    """Raises RoundFileMissing, RoundFileBroken."""
    files = database.read(SYSTEM, lambda work: _read(work, round_id))
    ended = ended_round(files.round, files.instance, files.result)
    fairness, diagnosis = _fairness(files, ended), diagnosis_of(ended, _homes(files.instance), files.regions)
    database.write(SYSTEM, lambda work: _keep(work, ended, files, fairness, diagnosis))


def _read(work: Work, round_id: UUID) -> _Files:
    instance = stored_instance(work, round_id)
    columns = list(zip(*attributes_of(work, instance.request), strict=True)) or [(), (), ()]
    territory, category, language = (list(column) for column in columns)
    attributes = {
        "territory": territory,
        "category": category,
        "language": language,
        "disability": ["yes" if has_disability(one) else "no" for one in category],
    }
    regions = territories_of_offers(work, instance.offer)
    result = stored_result(work, round_id, instance)
    one, beyond = queries.round_(work, round_id), nearest_beyond(work, instance)
    return _Files(one, instance, result, attributes, regions, beyond)


def _fairness(files: _Files, ended: Ended) -> Kept:
    policy = OTHER[ended.policy]
    taken = taken_under(policy, files.instance, seed=ended.seed, time_limit=TIME_LIMIT)
    return fairness_of(ended, files.attributes, None if taken is None else (policy, taken))


def _homes(instance: StoredInstance) -> list[Home]:
    """Of each class: the service it needs, and where it lives."""
    arcs = instance.arcs
    numbers = arcs.lists.service[arcs.groups.kin_list[arcs.groups.kin]].tolist()
    services = [arcs.lists.services[number] for number in numbers]
    places = instance.locality.tolist()
    return [Home(kind, care, unit, place) for (kind, care, unit), place in zip(services, places, strict=True)]


def _keep(work: Work, ended: Ended, files: _Files, fairness: Kept, diagnosis: Kept) -> None:
    """Two workers may have counted the same round: the first one keeps it."""
    round_id = files.round.id
    fresh = work.insert_if_new(
        RoundReportRow, round_id=round_id, made_at=work.now, fairness=fairness, diagnosis=diagnosis
    )
    if not fresh:
        return
    copy_rows(work, RoundSlotRow, SLOT, _slots(ended, round_id))
    copy_rows(work, RoundGroundRow, GROUND, _grounds(ended, files))
    record(work, "round", round_id, "reported")


def _slots(ended: Ended, round_id: UUID) -> Iterator[tuple[object, ...]]:
    for slot, offer in sorted(enumerate(ended.offers), key=lambda item: item[1]):
        one = seen(ended, slot, 0)
        yield (
            round_id.hex, offer, one.places, one.used, one.last_tier, one.serving_price, one.seating_price,
        )  # fmt: skip


def _grounds(ended: Ended, files: _Files) -> Iterator[tuple[object, ...]]:
    """By request id, as the outcomes are written. Alike requests have alike grounds: each kind is worked out once."""
    known: dict[tuple[int, int, int], tuple[object, ...] | None] = {}
    kin, peers, taken = ended.kin.tolist(), ended.peers.tolist(), ended.taken.tolist()
    for position in sorted(range(len(ended.ids)), key=ended.ids.__getitem__):
        key = (kin[position], peers[position], taken[position])
        if key not in known:
            beyond = files.beyond.get(peers[position])
            known[key] = (*beyond, "") if beyond else _ground(ended, position)
        found = known[key]
        if found is not None:
            yield files.round.id.hex, ended.ids[position], *found


def _ground(ended: Ended, position: int) -> tuple[object, ...] | None:
    grounds = grounds_of(ended, position)
    if grounds is None or grounds.wanted is None:
        return None
    opens = ",".join(f"{one.offer_id.hex}:{one.distance_m}" for one in grounds.opens)
    return grounds.wanted.offer_id.hex, grounds.wanted.distance_m, opens
