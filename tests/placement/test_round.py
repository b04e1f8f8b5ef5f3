"""A round places everyone it can, the most urgent first, proves it, tells everyone why, and writes all or nothing."""

from functools import partial
from uuid import UUID

import pytest

from contracts.audit.queries import events_of
from contracts.kernel.errors import NotAllowed
from contracts.kernel.work import Actor
from market.catalogue.rules import Category, Unit, UnknownTerritory
from market.placement import queries, service
from market.placement.holder_queries import outcomes_lately
from market.placement.models import OutcomePageRow, PlacementRow, RoundPriceRow
from market.placement.round import RoundReport, run_round
from market.placement.rules import Outcome, PlacementStatus, Policy, Reason, RequestStatus, Round, RoundStatus
from market.provider import service as providing
from market.voucher import service as vouchers
from market.web import queries as lists
from market.web.wire import Slice
from tests.placement.town import BUDGET, Person, Town
from tests.recipient.homes import OPERATOR

KM = 1_000


def go(town: Town, **options: object) -> RoundReport:
    return run_round(town.database, actor=BUDGET, workers=1, **options)  # type: ignore[arg-type]  # its own keywords


def outcome(town: Town, person: Person) -> Outcome:
    request = town.request(person)
    return town.see(lambda work: outcomes_lately(work, request))[0]


def told(town: Town, person: Person) -> tuple[Reason, UUID | None, int | None, int | None]:
    """Reason, offer, rank, and how many better ones were full."""
    found = outcome(town, person)
    return found.reason, found.offer_id, found.rank, found.nearer_full


def round_of(town: Town, report: RoundReport) -> Round:
    return town.see(lambda work: queries.round_(work, report.round_id))


def counted(town: Town, model: type) -> int:
    return len(town.see(lambda work: work.rows(model.__table__.select())))  # type: ignore[attr-defined]


def waiting(town: Town, count: int = 1, **facts: object) -> list[Person]:
    people = [town.person(**facts) for _ in range(count)]  # type: ignore[arg-type]  # the names are person's own
    for person in people:
        town.ask(person)
        town.wait(minutes=1)
    return people


def test_wishes_come_first_then_distance_and_everyone_is_told_why(town: Town) -> None:
    near, far = town.house("Near", away_m=KM), town.house("Far", away_m=20 * KM, capacity=2)
    first, second, third, fourth = (town.person(tier=tier) for tier in (0, 1, 2, 2))
    child = town.person(category=Category.CHILD_LOCOMOTOR)
    town.wish(first, near)
    town.wish(second, near, far)
    for person in (third, fourth, child):
        town.ask(person)
        town.wait(minutes=1)
    report = go(town)
    assert (report.ok, report.status, report.certificate, report.gap) == (True, "optimal", "verified", 0.0)
    assert (report.requests, report.served, report.served_by_tier) == (5, 3, (1, 1, 1, 0))
    assert told(town, first) == (Reason.FIRST_WISH, near.offer_id, 1, 0)
    assert told(town, second) == (Reason.LATER_WISH, far.offer_id, 2, 1)
    assert told(town, third) == (Reason.NEARER_FULL, far.offer_id, None, 1)
    assert told(town, fourth) == (Reason.CAPACITY, None, None, 2)
    assert told(town, child) == (Reason.NO_ELIGIBLE_OFFER, None, None, 0)
    assert (town.taken(near), town.taken(far)) == (1, 2)
    assert town.broken() == []
    price = outcome(town, third).price
    assert price is not None
    assert price > 0


def test_among_equals_who_waits_longest_is_placed(town: Town) -> None:
    house = town.house(capacity=2)
    people = waiting(town, 4)
    go(town)
    assert [town.request(p).status for p in people] == [RequestStatus.PLACED] * 2 + [RequestStatus.WAITING] * 2
    assert told(town, people[0])[:2] == (Reason.NEAREST, house.offer_id)


def test_the_most_urgent_are_served_before_others_however_far(town: Town) -> None:
    town.house(away_m=140 * KM)
    (late,), (urgent,) = waiting(town, tier=2), waiting(town, tier=0)
    report = go(town)
    assert report.served_by_tier == (1, 0, 0)
    assert told(town, urgent)[0] is Reason.NEAREST
    assert told(town, late)[0] is Reason.CAPACITY


def test_an_offered_place_waits_five_working_days_for_the_holder_who_accepts_it(town: Town) -> None:
    house, (person,) = town.house(price=800_00), waiting(town)
    report = go(town)
    placement = town.live(person)
    assert placement is not None
    assert (placement.status, placement.round_id) == (PlacementStatus.OFFERED, report.round_id)
    assert placement.unit_price_minor == 800_00
    assert placement.respond_until.isoformat() == "2026-04-17T19:00:00+00:00"  # Friday and five working days
    assert listed(town, house.people) == [], "a provider learns who was offered its place when they have said yes"
    assert listed(town, person.self) == [placement.id]
    town.do(person.self, lambda work: service.accept(work, placement.id))
    assert town.live(person).status is PlacementStatus.ACCEPTED  # type: ignore[union-attr]  # it has one
    assert listed(town, house.people) == listed(town, person.self) == [placement.id]
    assert town.taken(house) == 1
    assert town.broken() == []


def listed(town: Town, actor: Actor) -> list[UUID]:
    found = town.do(actor, lambda work: lists.placements(work, Slice("/placements", {}, None, 50), status=None))
    return [one.id for one in found]


def test_who_has_a_place_keeps_it_and_who_refuses_an_offer_is_matched_again(town: Town) -> None:
    house, other = town.house(away_m=KM), town.house(away_m=5 * KM)
    booked, (person,) = town.person(), waiting(town)
    kept = town.book(booked, house)
    go(town)
    offered = town.live(person)
    assert offered is not None
    assert offered.offer_id == other.offer_id
    town.do(person.self, lambda work: service.decline(work, offered.id, reason="too far"))
    second = go(town)
    assert (second.number, second.requests, second.served) == (2, 1, 1)
    assert town.placement(kept).status is PlacementStatus.REQUESTED
    assert town.broken() == []


def test_nobody_is_placed_where_a_single_rule_forbids_it(town: Town) -> None:
    radius, dear = town.house(away_m=9 * KM, radius_m=5 * KM), town.house(price=1_400_00)
    children, closed = town.house(category=Category.CHILD_LOCOMOTOR), town.house()
    town.do(closed.people, lambda work: providing.close_offer(work, closed.offer_id))
    far = town.house(away_m=152 * KM)
    (person,) = waiting(town)
    report = go(town)
    assert (report.served, told(town, person)) == (0, (Reason.NO_ELIGIBLE_OFFER, None, None, 0))
    assert [town.taken(h) for h in (radius, dear, children, closed, far)] == [0] * 5


def test_whose_voucher_is_over_revoked_or_whose_holder_died_is_not_in_the_round(town: Town) -> None:
    town.house(capacity=9)
    over, revoked, dead, alive = waiting(town, 4)
    town.do(BUDGET, lambda work: vouchers.revoke(work, revoked.voucher_id, reason="moved away"))
    with town.database.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE recipient SET died_on = '2026-04-09' WHERE id = '{dead.id.hex}'")
        connection.exec_driver_sql(
            f"UPDATE voucher SET from_on = '2026-01-01', until_on = '2026-04-10' WHERE id = '{over.voucher_id.hex}'"
        )
    report = go(town)
    assert (report.requests, report.served) == (1, 1)
    assert town.live(alive) is not None


def test_people_who_need_different_amounts_of_time_share_an_offer_of_minutes(town: Town) -> None:
    house = town.house(unit=Unit.HOUR, capacity=400)
    small, large, huge = (town.person(unit=Unit.HOUR, units_a_month=hours, tier=1) for hours in (8, 16, 40))
    for person in (large, small, huge):
        town.ask(person)
    sizes = [town.request(person).size for person in (small, large, huge)]
    assert len(set(sizes)) == 3
    assert sizes[0] + sizes[1] <= 400 < sizes[0] + sizes[2]
    report = go(town, time_limit=5)
    assert (report.ok, report.certificate, report.served) == (True, "verified", 2)
    assert town.taken(house) == sizes[0] + sizes[1]
    assert told(town, huge)[0] is Reason.CAPACITY
    assert town.broken() == []
    refused = go(town, policy=Policy.STABLE)
    assert refused.ok  # only one size waits now


def test_the_stable_policy_refuses_to_rank_people_of_different_sizes(town: Town) -> None:
    town.house(unit=Unit.HOUR, capacity=400)
    people = [town.person(unit=Unit.HOUR, units_a_month=hours) for hours in (8, 16)]
    for person in people:
        town.ask(person)
    report = go(town, policy=Policy.STABLE)
    check_nothing_was_written(town, report, people, "round-not-proven")


def test_a_territory_has_its_own_round(town: Town) -> None:
    town.house()
    waiting(town)
    assert go(town, territory="71").requests == 0
    assert go(town, territory="75").served == 1
    with pytest.raises(UnknownTerritory):
        go(town, territory="99")
    with pytest.raises(NotAllowed):
        run_round(town.database, actor=OPERATOR)


def test_a_round_without_anybody_or_without_any_offer_is_a_round_too(town: Town) -> None:
    empty = go(town)
    assert (empty.ok, empty.requests, empty.served, empty.served_by_tier) == (True, 0, 0, ())
    (person,) = waiting(town)
    alone = go(town)
    assert (alone.ok, alone.requests, alone.served) == (True, 1, 0)
    assert told(town, person)[0] is Reason.NO_ELIGIBLE_OFFER


def test_the_row_and_the_trail_show_every_step_and_hold_the_hash_of_every_row_set(town: Town) -> None:
    town.house()
    waiting(town, 2)
    seen: list[str] = []
    report = go(town, seed=7, progress=seen.append)
    assert seen == ["read", "arcs", "solve", "verify", "explain", "write"]
    done = round_of(town, report)
    assert (done.status, done.policy, done.seed, done.requests) == (RoundStatus.COMPLETE, Policy.WELFARE, 7, 2)
    assert (done.served, done.served_by_tier, done.certificate) == (1, [0, 0, 0, 1], "verified")
    assert done.instance_sha256 is not None
    events = town.see(lambda work: events_of(work, "round", report.round_id))
    assert [e.verb for e in events] == ["requested", *[f"reached-{phase}" for phase in seen], "completed"]
    for table in ("outcome_page", "placement", "round_price", "round_file"):
        assert f'"table":"{table}"' in events[-1].body
    assert events[-1].body.count('"digest"') == 4
    assert report.to_json().keys() >= {"ok", "requests", "served", "served_by_tier", "cost", "gap", "status",
                                      "certificate", "seconds", "peak_rss_mib"}  # fmt: skip
    assert report.seconds.keys() >= {"read", "classes", "arcs", "solve", "verify", "write", "total"}
    assert counted(town, RoundPriceRow) == 1


def meddling(town: Town, phase: str, deed: object, **options: object) -> RoundReport:
    def progress(reached: str) -> None:
        if reached == phase:
            deed()  # type: ignore[operator]  # a test's own callable

    return go(town, progress=progress, **options)


def check_nothing_was_written(town: Town, report: RoundReport, people: list[Person], code: str) -> None:
    assert (report.ok, report.status) == (False, "failed")
    assert [problem["code"] for problem in report.problems] == [code]
    failed = round_of(town, report)
    assert (failed.status, failed.served) == (RoundStatus.FAILED, None)
    assert [counted(town, model) for model in (OutcomePageRow, RoundPriceRow)] == [0, 0]
    assert [town.request(person).status for person in people] == [RequestStatus.WAITING] * len(people)
    assert town.see(lambda work: events_of(work, "round", report.round_id))[-1].verb == "failed"
    assert town.broken() == []


def test_an_offer_that_filled_up_or_closed_meanwhile_fails_the_whole_round(town: Town) -> None:
    full, other, people = town.house(away_m=KM), town.house(away_m=2 * KM), waiting(town, 2)
    guest = town.person()
    report = meddling(town, "write", partial(town.book, guest, full))
    check_nothing_was_written(town, report, people, "round-overtaken")
    close = partial(providing.close_offer, offer_id=other.offer_id)
    report = meddling(town, "write", partial(town.do, other.people, close))
    check_nothing_was_written(town, report, people, "round-overtaken")
    assert counted(town, PlacementRow) == 1


def test_a_person_who_booked_meanwhile_fails_the_whole_round_and_the_next_one_leaves_them_alone(town: Town) -> None:
    house, other, people = town.house(capacity=3), town.house(capacity=3), waiting(town, 2)
    report = meddling(town, "write", partial(town.book, people[0], other))
    check_nothing_was_written(town, report, people[1:], "round-overtaken")
    assert go(town).served == 1
    assert (town.taken(house), town.taken(other)) == (1, 1)


def test_when_time_runs_out_the_best_answer_found_is_written_and_called_feasible(town: Town) -> None:
    town.house(away_m=KM)
    people = waiting(town, 2)
    report = go(town, time_limit=0)
    assert (report.ok, report.status, report.served) == (True, "feasible", 1)
    assert report.certificate == "the time limit came before the proof"
    assert report.gap is not None
    assert report.gap >= 0
    assert [town.request(p).status for p in people] == [RequestStatus.PLACED, RequestStatus.WAITING]
    assert town.broken() == []
