"""The rounds desk over HTTP: ask, watch, read, publish; and every refusal in words."""

import re
from datetime import datetime, timedelta
from functools import partial

import pytest

from contracts.audit.queries import events_of
from contracts.kernel.calendar import ALMATY
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Role
from market.placement import queries
from market.placement.lease import lease_of
from market.placement.publishing import publish_round
from market.placement.requesting import Failure, claim_round, fail_round
from market.placement.round import run_requested
from market.placement.rules import Round
from tests.web.public.reader import HTML, Reader
from tests.web.street import Street, build
from tests.web.town import ASTANA, Town, made

ROUND = {"territory": "all", "policy": "welfare", "seed": "20260302", "minutes": "5"}


@pytest.fixture(scope="module")
def street(hall: Town) -> Street:
    return build(hall)


@pytest.fixture(autouse=True)
def _nothing_is_under_way(hall: Town, street: Street) -> None:
    while run_requested(hall.database, workers=1) is not None:
        pass


def newest(database: Database) -> Round:
    return database.read(SYSTEM, queries.rounds)[0]


def asked(reader: Reader, **filled: str) -> str:
    """The address of the round that was asked for."""
    answer = reader.press(reader.open("/rounds-desk"), "/rounds-desk", **ROUND | filled)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def complete(hall: Town, reader: Reader) -> str:
    address = asked(reader)
    run_requested(hall.database, workers=1)
    return address


def test_an_officer_asks_for_a_round_and_is_led_to_it(hall: Town, street: Street) -> None:
    reader = Reader(hall, street.budget)
    address = asked(reader)
    one = newest(hall.database)
    assert address == f"/rounds-desk/{one.number}"
    assert (one.territory, one.seed, one.time_limit_seconds, one.requested_by) == ("", 20260302, 300, street.budget.id)
    page = reader.open(address)
    assert "The round is asked for." in page
    assert "Waiting for a worker to begin." in page
    assert 'hx-trigger="every 2s"' in page


def test_a_second_round_in_the_same_territory_is_refused_in_words_and_nothing_typed_is_lost(
    hall: Town, street: Street
) -> None:
    reader = Reader(hall, street.budget)
    asked(reader)
    answer = reader.press(
        reader.open("/rounds-desk"), "/rounds-desk", **ROUND | {"territory": ASTANA, "seed": "777", "policy": "stable"}
    )
    assert answer.status_code == 409
    (first,) = hall.database.read(SYSTEM, queries.unfinished_rounds)
    assert f"Round {first.number} is asked for there, and waits for a worker to begin it." in answer.text
    assert 'id="territory-error"' in answer.text
    assert 'value="777"' in answer.text
    assert re.search(r'value="stable"\s+checked', answer.text)
    russian = reader.client.post(
        "/rounds-desk?lang=ru",
        data=dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', answer.text)) | ROUND,
        headers=HTML,
    )
    assert f"Раунд {first.number} там уже запрошен" in russian.text


def test_a_round_that_runs_is_said_to_hold_its_territory_until_when_at_the_latest(hall: Town, street: Street) -> None:
    reader = Reader(hall, street.budget)
    asked(reader)
    claim = hall.database.write(SYSTEM, claim_round)
    assert claim is not None
    lease = hall.database.read(SYSTEM, lambda work: lease_of(work, claim.round_id))
    assert lease is not None
    answer = reader.press(reader.open("/rounds-desk"), "/rounds-desk", **ROUND)
    by_the_clock = re.search(r"it holds the territory until (\d+ \w+ \d+, \d\d:\d\d) at the latest", answer.text)
    assert by_the_clock is not None
    told = datetime.strptime(by_the_clock[1], "%d %B %Y, %H:%M").replace(tzinfo=ALMATY)
    assert timedelta() <= told - lease.until < timedelta(minutes=1)
    hall.database.write(SYSTEM, lambda work: fail_round(work, claim.round_id, "given up", Failure.WORKER_DIED))


@pytest.mark.parametrize(
    ("filled", "field"),
    [
        ({"minutes": "0"}, "minutes"),
        ({"minutes": "61"}, "minutes"),
        ({"seed": "minus one"}, "seed"),
        ({"seed": "99999999999"}, "seed"),
        ({"policy": "lottery"}, "policy"),
        ({"territory": "990000000"}, "territory"),
        ({"territory": ""}, "territory"),
    ],
)
def test_a_wrong_answer_is_told_beside_its_field(
    hall: Town, street: Street, filled: dict[str, str], field: str
) -> None:
    reader = Reader(hall, street.budget)
    before = len(hall.database.read(SYSTEM, queries.rounds))
    answer = reader.press(reader.open("/rounds-desk"), "/rounds-desk", **ROUND | filled)
    assert answer.status_code == 400
    assert f'href="#{field}"' in answer.text
    assert len(hall.database.read(SYSTEM, queries.rounds)) == before


def test_an_officer_starts_rounds_in_their_own_territory_only(hall: Town, street: Street) -> None:
    local = hall.person(Role.BUDGET_OFFICER, territory="71")
    reader = Reader(hall, local)
    page = reader.open("/rounds-desk")
    assert re.findall(r'<option value="([^"]+)"', page) == [ASTANA]
    assert reader.press(page, "/rounds-desk", **ROUND | {"territory": "all"}).status_code == 400
    address = asked(reader, territory=ASTANA)
    assert reader.client.get(address, headers=HTML).status_code == 200
    elsewhere = Reader(hall, hall.person(Role.BUDGET_OFFICER, territory="75"))
    assert elsewhere.client.get(address, headers=HTML).status_code == 404
    assert elsewhere.client.get(f"{address}/progress", headers=HTML).status_code == 404
    assert address not in elsewhere.open("/rounds-desk")


def test_auditors_look_on_and_others_have_no_rounds_desk(hall: Town, street: Street) -> None:
    address = complete(hall, Reader(hall, street.budget))
    auditor = Reader(hall, street.auditor)
    assert "Budget officers start rounds" in auditor.open("/rounds-desk")
    assert "/publication" not in auditor.open(address)
    token = re.findall(r'name="form_token" value="([^"]*)"', auditor.open(address))[0]
    sent = {"form_token": token, "key": "k"}
    assert auditor.client.post(f"{address}/publication", data=sent, headers=HTML).status_code == 403
    assert auditor.client.post("/rounds-desk", data=sent | ROUND, headers=HTML).status_code == 400
    holder, _ = street.holder()
    stranger = Reader(hall, holder)
    assert stranger.client.get("/rounds-desk", headers=HTML).status_code == 403
    assert stranger.client.get(address, headers=HTML).status_code == 404
    hall.client.cookies.clear()
    assert hall.client.get("/rounds-desk", headers=HTML).status_code == 401


def test_progress_is_told_when_there_is_something_new_and_reloads_the_page_at_the_end(
    hall: Town, street: Street
) -> None:
    reader = Reader(hall, street.budget)
    address = asked(reader)
    first = reader.client.get(f"{address}/progress?seen=nothing", headers=HTML)
    assert first.status_code == 200
    assert "<html" not in first.text
    (seen,) = re.findall(r"progress\?seen=([\w-]+)", first.text)
    assert reader.client.get(f"{address}/progress?seen={seen}", headers=HTML).status_code == 204
    run_requested(hall.database, workers=1)
    last = reader.client.get(f"{address}/progress?seen={seen}", headers=HTML)
    assert (last.status_code, last.headers["hx-refresh"]) == (200, "true")


def test_a_round_under_way_shows_its_phase_to_any_web_process(hall: Town, street: Street) -> None:
    reader = Reader(hall, street.budget)
    holder, voucher = street.holder()
    made(holder.post(f"/api/vouchers/{voucher}/request", {}))
    address = asked(reader)
    pages: list[str] = []
    run_requested(hall.database, workers=1, progress=lambda _phase: pages.append(reader.open(address)))
    assert len(pages) == 6
    assert "Reading who waits and which places are free…" in pages[0]
    assert "Saving the result and offering the places…" in pages[-1]
    assert pages[-1].count("phases__one--done") == 5
    assert "possible ways" in pages[-1]


def test_a_complete_round_says_what_it_came_to_with_a_table_for_every_picture(hall: Town, street: Street) -> None:
    reader = Reader(hall, street.budget)
    holder, voucher = street.holder()
    made(holder.post(f"/api/vouchers/{voucher}/request", {}))
    address = complete(hall, reader)
    one = newest(hall.database)
    page = reader.open(address)
    assert one.instance_sha256 is not None
    assert one.instance_sha256 in page
    for caption in ("Places by urgency", "Which wish came true", "How far the place is", "Why people wait on"):
        assert caption in page
    assert "it is proved" in page
    assert "Astana" in page
    assert page.count("<h1") == 1
    region = reader.open(f"{address}?region={ASTANA}")
    assert "Nobody waits here." in region
    assert reader.client.get(f"{address}?region=nowhere", headers=HTML).status_code == 200


def test_a_round_nobody_is_in_has_a_page(hall: Town, street: Street) -> None:
    reader = Reader(hall, hall.person(Role.BUDGET_OFFICER, territory="75"))
    answer = reader.press(reader.open("/rounds-desk"), "/rounds-desk", **ROUND | {"territory": "750000000"})
    run_requested(hall.database, workers=1)
    assert "Nobody got a place in this round." in reader.open(answer.headers["location"])


def test_an_officer_publishes_once_and_that_is_recorded(hall: Town, street: Street) -> None:
    reader = Reader(hall, street.budget)
    address = complete(hall, reader)
    page = reader.open(address)
    assert reader.press(page, f"{address}/publication").status_code == 303
    assert reader.press(page, f"{address}/publication").status_code == 303, "pressed twice, done once"
    one = newest(hall.database)
    verbs = [event.verb for event in hall.database.read(SYSTEM, lambda work: events_of(work, "round", one.id))]
    assert verbs.count("published") == 1
    page = reader.open(address)
    assert "The summary of this round is public now." in page
    assert f'href="/statistics/rounds/{one.number}"' in page
    assert "/publication" not in page


def test_two_officers_who_publish_are_told(hall: Town, street: Street) -> None:
    reader = Reader(hall, street.budget)
    address = complete(hall, reader)
    page = reader.open(address)
    hall.database.write(SYSTEM, partial(publish_round, round_id=newest(hall.database).id))
    answer = reader.press(page, f"{address}/publication")
    assert answer.status_code == 409
    assert "public already" in answer.text


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (Failure.WORKERS_DIED, "stopped in the middle several times"),
        ("round-overtaken", "Places or requests changed"),
        ("malformed-instance", "refused the figures"),
    ],
)
def test_a_failed_round_says_why(hall: Town, street: Street, code: str, said: str) -> None:
    reader = Reader(hall, street.budget)
    address = asked(reader)
    hall.database.write(SYSTEM, claim_round)
    hall.database.write(SYSTEM, lambda work: fail_round(work, newest(hall.database).id, "because", code))
    page = reader.open(address)
    assert said in page
    assert "writes nothing" in page
    kazakh = reader.client.get(f"{address}?lang=kk", headers=HTML).text
    assert "because" not in kazakh


def test_the_list_is_walked_by_links(hall: Town, street: Street) -> None:
    local = hall.person(Role.BUDGET_OFFICER, territory="39")
    reader = Reader(hall, local)
    for _ in range(51):
        asked(reader, territory="390000000")
        hall.database.write(SYSTEM, lambda work: fail_round(work, newest(hall.database).id, "x", "round-overtaken"))
    page = reader.open("/rounds-desk")
    (following,) = re.findall(r'href="(/rounds-desk\?before=\d+)"', page)
    older = reader.open(following)
    assert len(re.findall(r'href="/rounds-desk/\d+"', older)) == 1
    assert "There are no older rounds." in reader.open("/rounds-desk?before=1")
    assert reader.client.get("/rounds-desk?before=x", headers=HTML).status_code == 200
    assert reader.client.get("/rounds-desk/999999", headers=HTML).status_code == 404
