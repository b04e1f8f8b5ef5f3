"""Visits that look untrue: listed by reason, each with its facts and its visit; a person says what it was."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.kernel.work import Role
from market.oversight.flagging import look_over
from tests.web.moulds import Cast
from tests.web.officer.office import Office, build_office
from tests.web.officer.reader import faults, links
from tests.web.town import Town, made, problem


@pytest.fixture
def flagged(cast: Cast) -> Office:
    return cast(build_flagged)


def build_flagged(town: Town) -> Office:
    """The person died on the second day of three visits that were entered in time."""
    office = build_office(town)
    street = office.street
    recipient = street.auditor.get(f"/api/engagements/{office.engagement}").json()["recipient_id"]
    for number in range(8):
        start = datetime(2026, 3, 4 + number, 5, tzinfo=UTC)
        entry = {
            "client_id": f"again-{number}", "worker_id": street.worker, "place": "at home", "quantity": 1,
            "started_at": start.isoformat(), "ended_at": (start + timedelta(minutes=45)).isoformat(),
        }  # fmt: skip
        made(street.house.post(f"/api/engagements/{office.engagement}/entries", entry))
    made(street.operator.post(f"/api/recipients/{recipient}/death", {"died_on": "2026-03-10"}))
    look_over(town.database, settled=timedelta(0))
    return office


def test_a_flag_leads_to_its_visit_and_a_person_says_what_it_was(flagged: Office) -> None:
    reader = flagged.reader(flagged.street.budget)
    page = reader.open("/flags-desk")
    assert "After the recipient's death" in page
    assert "More than the programme allows" in page
    (flag,) = [one["id"] for one in _flags(flagged, "after-death")]
    there = f"/flags-desk/{flag}"
    assert there in links(page)
    page = reader.open(there)
    assert "The recipient died on 10.03.2026." in page
    (visit,) = [link for link in links(page) if link.startswith("/entries/")]
    assert "at home" in reader.open(visit)
    decision = f"{there}/decision"
    assert "Fill in this field" in faults(reader.refused(there, decision, 400, status="confirmed", note=""))[0]
    assert reader.done(there, decision, status="confirmed", note="The daughter says nobody came") == "/flags-desk"
    assert "The daughter says nobody came" in reader.open(there)
    assert there not in links(reader.open("/flags-desk"))
    assert there in links(reader.open("/flags-desk?status=confirmed"))
    auditor = flagged.reader(flagged.street.auditor)
    assert f"/audit/flag/{flag}" in links(auditor.open(there))
    assert "found untrue" in auditor.open(f"/audit/flag/{flag}")


def test_the_visit_is_as_it_was_and_nothing_waits(flagged: Office) -> None:
    for one in _flags(flagged):
        assert one["entry_status"] in {"entered", "confirmed"}
    made(flagged.street.budget.post(f"/api/acts/{flagged.act_id}/acceptance", key="accept"))


def test_by_api_a_finding_may_be_turned_round_and_the_trail_keeps_both(flagged: Office) -> None:
    auditor = flagged.street.auditor
    (flag,) = [one["id"] for one in _flags(flagged, "after-death")]
    at = f"/api/flags/{flag}/decision"
    told = made(auditor.post(at, {"status": "explained", "note": "a slip of the pen in the day"}))
    assert (told["status"], told["note"]) == ("explained", "a slip of the pen in the day")
    problem(auditor.post(at, {"status": "explained", "note": "again"}), 409, "flag-decided")
    problem(auditor.post(at, {"status": "open", "note": "x"}), 400, "malformed-input")
    assert made(flagged.street.budget.post(at, {"status": "confirmed", "note": "it was none"}))["status"] == "confirmed"
    events = auditor.get(f"/api/audit/flag/{flag}").json()["items"]
    assert [event["verb"] for event in events] == ["explained", "confirmed"]


def test_who_declared_an_interest_in_the_provider_says_nothing_of_its_flags(flagged: Office) -> None:
    (flag,) = _flags(flagged, "after-death")
    budget = flagged.street.budget
    made(budget.post("/api/interests", {"provider_id": flag["provider_id"], "reason": "my sister"}, key="declared"))
    page = flagged.reader(budget).open(f"/flags-desk/{flag['id']}")
    assert "What did you find?" not in page
    assert "You declared an interest in this organisation" in page
    assert "You declared an interest" not in flagged.reader(flagged.street.finance).open(f"/flags-desk/{flag['id']}")
    finding = {"status": "explained", "note": "nothing to see here"}
    problem(budget.post(f"/api/flags/{flag['id']}/decision", finding), 403, "interest-declared")
    assert made(flagged.street.auditor.post(f"/api/flags/{flag['id']}/decision", finding))["status"] == "explained"


def test_who_may_not_see_it_finds_nothing(flagged: Office) -> None:
    street, (flag, *_) = flagged.street, [one["id"] for one in _flags(flagged)]
    finding = {"status": "explained", "note": "x"}
    problem(street.finance.post(f"/api/flags/{flag}/decision", finding), 404, "flag-not-found")
    assert street.finance.get(f"/api/flags/{flag}").status_code == 200
    for role in (Role.BUDGET_OFFICER, Role.AUDITOR):
        neighbour = flagged.town.person(role, territory="75")
        assert neighbour.get("/api/flags").json()["items"] == []
        problem(neighbour.get(f"/api/flags/{flag}"), 404, "flag-not-found")
        flagged.neighbour(role).open(f"/flags-desk/{flag}", status=404)
    for person in (flagged.holder, street.house, street.operator):
        assert person.get("/api/flags").status_code == 403
        assert person.get(f"/api/flags/{flag}").status_code == 404


def _flags(office: Office, suspicion: str = "") -> list[dict[str, str]]:
    items: list[dict[str, str]] = office.street.auditor.get(f"/api/flags?suspicion={suspicion}" if suspicion else
                                                            "/api/flags").json()["items"]  # fmt: skip
    return items
