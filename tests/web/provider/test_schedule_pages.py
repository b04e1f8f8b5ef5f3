"""The schedule of somebody's visits on the provider's desk; planned beside delivered; the same by API."""

from typing import Any

from tests.web.provider.houses import at, carer, director, next_door, served
from tests.web.recipient.reader import Reader
from tests.web.street import Street
from tests.web.town import made, problem


def test_a_schedule_is_drawn_by_a_carer_approved_by_the_head_and_held_against_the_visits(fresh_street: Street) -> None:
    street = fresh_street
    home, engagement = served(street)
    street.travel(1)
    there = at(street, f"/visits/schedule/{engagement.number}")
    who = carer(street)
    reader = Reader(street.town, who)
    page = reader.open(there)
    assert "There is no schedule." in page.words
    page = reader.press(page, there, **{"from_on": "03.03.2026", "start-2": "10:00", "end-2": "9:30"})
    assert page.status == 400
    assert "A visit ends after it starts" in page.words
    week = {"from_on": "03.03.2026", "start-1": "9:00", "end-1": "10:00", "start-3": "9:00", "end-3": "9:45",
            "worker-3": street.worker}  # fmt: skip
    page = reader.follow(reader.press(reader.open(there), there, **week))
    assert "The head of the organisation decides." in page.words
    assert "Thursday , 09:00, 45 minutes, Мадина Ахметова" in page.words.replace("Thursday,", "Thursday ,")
    (schedule,) = street.house.get(f"/api/engagements/{engagement.id}/schedules").json()["items"]
    problem(who.post(f"/api/schedules/{schedule['id']}/approval"), 403, "head-needed")
    head = director(street, "ru")
    approval = f"{there}/{schedule['id']}/approval"
    page = head.follow(head.press(head.open(there), approval))
    assert "График утверждён." in page.words
    assert "действует сегодня" in page.words
    street.travel(8)
    told = home.person.get(f"/api/engagements/{engagement.id}/progress?month=2026-03").json()
    assert (told["planned"], told["delivered"], len(told["missed"])) == (3, 0, 3)
    assert told["coming"][0] == {
        "day": "2026-03-12", "start": "09:00", "minutes": 45, "worker_id": street.worker
    }  # fmt: skip
    page = director(street, "ru").open(at(street, "/visits/schedule?month=2026-03"))
    assert "3 марта 2026" in page.words
    assert not Reader(street.town, who).open(there).has_form(approval)


def test_by_api_it_is_the_providers_own(fresh_street: Street) -> None:
    street = fresh_street
    home, engagement = served(street)
    door, slot = f"/api/engagements/{engagement.id}/schedules", {"weekday": 1, "start": "09:00", "minutes": 60}

    def body(**changed: Any) -> dict[str, Any]:
        return {"from_on": "2026-03-03", "slots": [slot | changed]}

    stranger = next_door(street)
    problem(stranger.post(door, body()), 404, "engagement-not-found")
    problem(stranger.get(door), 404, "engagement-not-found")
    problem(street.house.post(door, body(weekday=7)), 400, "malformed-input")
    nobody = "00000000-0000-0000-0000-000000000001"
    problem(street.house.post(door, body(worker_id=nobody)), 422, "worker-not-on-staff")
    drawn = made(street.house.post(door, body(worker_id=street.worker)))
    assert drawn["status"] == "drawn"
    problem(stranger.post(f"/api/schedules/{drawn['id']}/approval"), 404, "schedule-not-found")
    assert made(street.house.post(f"/api/schedules/{drawn['id']}/approval"))["status"] == "approved"
    assert made(street.house.post(f"/api/schedules/{drawn['id']}/withdrawal"))["status"] == "withdrawn"
    assert home.person.get(door).json()["items"][0]["status"] == "withdrawn"
