"""The pages beside a round: how people were treated, where places are missing, and what if; and the same by API."""

import re
from uuid import UUID

import pytest

from contracts.audit.queries import events_of
from contracts.kernel.work import SYSTEM, Role
from market.placement import queries
from market.placement.reporting import Reporter
from market.placement.round import run_requested
from market.placement.rules import Round
from market.provider import queries as providers
from tests.web.public.reader import HTML, Reader
from tests.web.street import Street, build
from tests.web.test_signing import token_of
from tests.web.town import ASTANA, Town, made

ROUND = {"territory": "all", "policy": "welfare", "seed": "20260302", "minutes": "5"}


@pytest.fixture(scope="module")
def street(hall: Town) -> Street:
    """Three people ask, and the house has one place: a complete round with its report."""
    street = build(hall, capacity=1)
    for _ in range(3):
        holder, voucher = street.holder()
        made(holder.post(f"/api/vouchers/{voucher}/request", {}))
    reader = Reader(hall, street.budget)
    reader.press(reader.open("/rounds-desk"), "/rounds-desk", **ROUND)
    run_requested(hall.database, workers=1)
    assert Reporter()(hall.database) == 1
    return street


def newest(hall: Town) -> Round:
    return hall.database.read(SYSTEM, queries.rounds)[0]


def offer_number(street: Street) -> str:
    return street.town.database.read(SYSTEM, lambda work: providers.offer(work, UUID(street.offer))).number


def asked(hall: Town, street: Street, **filled: str) -> str:
    reader, at = Reader(hall, street.budget), f"/rounds-desk/{newest(hall).number}"
    answer = reader.press(reader.open(f"{at}/shortages"), f"{at}/what-if", **filled)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def test_the_fairness_page_counts_both_policies_and_every_group(hall: Town, street: Street) -> None:
    reader, one = Reader(hall, street.budget), newest(hall)
    overview = reader.open(f"/rounds-desk/{one.number}")
    assert f'href="/rounds-desk/{one.number}/fairness"' in overview
    page = reader.open(f"/rounds-desk/{one.number}/fairness")
    assert page.count("<h1") == 1
    for caption in ("Both policies side by side", "Places by category", "Places by language", "Places by disability"):
        assert caption in page
    assert "the most served – this round" in page or "this round" in page
    assert "without a disability" in page
    assert one.instance_sha256 is not None
    assert one.instance_sha256 in page
    for language in ("kk", "ru"):
        other = reader.open(f"/rounds-desk/{one.number}/fairness?lang={language}")
        assert "Both policies" not in other


def test_the_shortage_page_names_who_lacks_places_and_where_one_more_does_most(hall: Town, street: Street) -> None:
    page = Reader(hall, street.budget).open(f"/rounds-desk/{newest(hall).number}/shortages")
    assert "Astana" in page
    assert "gives a place to one more person of tier 3" in page
    assert offer_number(street) in page
    (row,) = re.findall(r"<tr[^>]*>(?:(?!</tr>).)*Astana \(.*?</tr>", page, re.DOTALL)[:1]
    numbers = re.findall(r"numeric\">\s*([\d,]+)\s*<", row)
    assert numbers == ["3", "1", "1", "2"], "people, offers, places, missing"


@pytest.mark.parametrize(
    ("came_from", "back"),
    [
        ("https://a.kz/rounds-desk/1/shortages?lang=en", "/rounds-desk/1/shortages%3Flang%3Den"),
        ("https://[", "/rounds-desk/{number}/what-if"),
        ("", "/rounds-desk/{number}/what-if"),
    ],
)
def test_who_changes_the_language_of_an_answer_goes_back_to_its_form(
    hall: Town, street: Street, came_from: str, back: str
) -> None:
    reader, number = Reader(hall, street.budget), newest(hall).number
    page = reader.open(f"/rounds-desk/{number}/shortages")
    hidden = {"form_token": token_of(page), "key": "another", "kind": "riddle"}
    answer = reader.client.post(f"/rounds-desk/{number}/what-if", data=hidden, headers=HTML | {"Referer": came_from})
    assert answer.status_code == 400
    assert f'"/language/kk?next={back.format(number=number)}"' in answer.text


def test_what_if_is_answered_and_nothing_is_written_but_that_it_was_asked(hall: Town, street: Street) -> None:
    before = newest(hall)
    events = hall.database.read(SYSTEM, lambda work: events_of(work, "round", before.id))
    page = asked(hall, street, kind="add", offer=offer_number(street).lower(), count="1")
    assert "1 more person would have a place." in page
    assert "Nothing was changed." in page
    later = hall.database.read(SYSTEM, lambda work: events_of(work, "round", before.id))
    assert [event.verb for event in later[len(events) :]] == ["asked-what-if-add"]
    assert newest(hall) == before
    closed = asked(hall, street, kind="close", offer=offer_number(street))
    assert "1 fewer person would have a place." in closed


def test_the_best_places_and_the_other_policy_are_asked_without_an_offer(hall: Town, street: Street) -> None:
    best = asked(hall, street, kind="best", count="3")
    assert "2 more people would have a place." in best, "a third place would be of no use"
    assert best.count(offer_number(street)) == 2
    assert "As many people would have a place as now." in asked(hall, street, kind="policy")


@pytest.mark.parametrize(
    ("filled", "field"),
    [
        ({"kind": "add", "offer": "O-NONE0-NONE0", "count": "1"}, "offer"),
        ({"kind": "add", "offer": "", "count": "1"}, "offer"),
        ({"kind": "best", "count": "21"}, "count"),
        ({"kind": "riddle"}, "kind"),
    ],
)
def test_an_unclear_question_is_told_beside_its_field(
    hall: Town, street: Street, filled: dict[str, str], field: str
) -> None:
    reader, at = Reader(hall, street.budget), f"/rounds-desk/{newest(hall).number}"
    answer = reader.press(reader.open(f"{at}/shortages"), f"{at}/what-if", **filled)
    assert answer.status_code == 400
    assert f'href="#{field}"' in answer.text


def test_strangers_and_officers_of_elsewhere_see_nothing_and_ask_nothing(hall: Town, street: Street) -> None:
    at = f"/rounds-desk/{newest(hall).number}"
    elsewhere = Reader(hall, hall.person(Role.BUDGET_OFFICER, territory="75"))
    operator = Reader(hall, street.operator)
    for path in (f"{at}/fairness", f"{at}/shortages"):
        assert Reader(hall, hall.person(Role.BUDGET_OFFICER, territory="75")).ask(path).status_code == 404
    assert elsewhere.ask(f"{at}/fairness").status_code == 404
    holder, _ = street.holder()
    assert Reader(hall, holder).ask(f"{at}/shortages").status_code == 404
    page = Reader(hall, street.operator).ask(f"{at}/shortages")
    assert page.status_code in {200, 404}
    assert "/what-if" not in page.text
    assert operator.client.get(f"{at}/fairness", headers=HTML).status_code in {200, 404}


def test_the_report_and_what_if_are_there_by_api(hall: Town, street: Street) -> None:
    one = newest(hall)
    report = street.auditor.get(f"/api/rounds/{one.id}/report").json()
    assert report["fairness"]["own"]["served"] == [1, 3]
    assert report["diagnosis"]["short_in_all"] == 2
    told = street.budget.post(f"/api/rounds/{one.id}/what-if", {"kind": "add", "offer_id": street.offer, "count": 5})
    assert told.status_code == 201, told.text
    assert (told.json()["before"]["served_by_tier"], told.json()["after"]["served_by_tier"]) == (
        [0, 0, 0, 1], [0, 0, 0, 3],
    )  # fmt: skip
    unclear = street.budget.post(f"/api/rounds/{one.id}/what-if", {"kind": "add", "count": 5})
    assert (unclear.status_code, unclear.json()["code"]) == (400, "what-if-unclear")
    elsewhere = hall.person(Role.BUDGET_OFFICER, territory="75")
    assert elsewhere.get(f"/api/rounds/{one.id}/report").status_code == 404
    assert ASTANA
