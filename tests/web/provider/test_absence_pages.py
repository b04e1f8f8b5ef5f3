"""Absences on the provider's desk and by API: entered by who serves, seen by the recipient, ruled by an officer."""

from tests.web.provider.houses import at, carer, director, next_door, served
from tests.web.recipient.reader import Reader, verbs
from tests.web.street import Street
from tests.web.town import made, problem


def test_a_missed_visit_and_a_stay_are_entered_on_the_desk(fresh_street: Street) -> None:
    street = fresh_street
    home, engagement = served(street)
    street.travel(9)
    there = at(street, f"/visits/schedule/{engagement.number}/absences")
    reader = Reader(street.town, carer(street))
    page = reader.open(there)
    assert "No absence was entered." in page.words
    assert "short notice is less than 24 hours" in page.words
    page = reader.press(page, there, kind="no-show", from_on="04.03.2026", time="9:75", quantity="1")
    assert page.status == 400
    assert "Write the time as 9:30" in page.words
    page = reader.follow(reader.press(page, there, kind="no-show", from_on="04.03.2026", time="9:00", quantity="1"))
    assert "The absence is entered." in page.words
    page = reader.press(page, there, kind="short-notice", from_on="05.03.2026", time="9:00", quantity="1",
                        told_on="03.03.2026", told_time="9:00")  # fmt: skip
    assert page.status == 422
    page = reader.follow(reader.press(page, there, kind="hospital", from_on="06.03.2026", last_on="08.03.2026"))
    assert "stood still for 3 days" in page.words
    told = home.person.get(f"/api/engagements/{engagement.id}/absences").json()
    assert [(one["kind"], one["quantity"]) for one in told["items"]] == [("hospital", 0), ("no-show", 1)]
    assert told["days_stood_still"] == 3
    stay = told["items"][0]["id"]
    page = director(street, "ru").open(there)
    assert "пребывание в больнице" in page.words.lower()
    undo = f"{there}/{stay}/withdrawal"
    reader = director(street)
    long = reader.press(reader.open(there), undo, reason="x" * 501)
    assert long.status == 400
    assert f'id="reason-{stay}-error"' in long.text, "beside its own field"
    assert f'href="#reason-{stay}"' in long.text
    assert f'value="{"x" * 501}"' in long.text, "what was typed is kept"
    assert reader.press(reader.open(there), undo, reason="").status == 400
    assert "The absence is taken back." in reader.follow(reader.press(reader.open(there), undo, reason="slip")).words
    assert verbs(street, "absence", stay) == ["entered", "withdrawn"]


def test_rules_are_public_dated_and_set_by_an_officer_of_the_country(fresh_street: Street) -> None:
    street = fresh_street
    _, engagement = served(street)
    rules = street.town.client.get("/api/absence-rules").json()["items"]
    assert {one["kind"]: one["payable_percent"] for one in rules} == {"hospital": 0, "no-show": 0, "short-notice": 0}
    body = {
        "kind": "no-show", "payable_percent": 50, "counts": True, "from_on": "2026-04-01", "until_on": "2100-01-01",
        "source": "akimat resolution 19",
    }  # fmt: skip
    assert made(street.budget.post("/api/absence-rules", body))["payable_percent"] == 50
    assert street.house.post("/api/absence-rules", body).status_code == 403
    problem(street.budget.post("/api/absence-rules", body | {"from_on": "2026-03-01"}), 409,
            "absence-rule-period-taken")  # fmt: skip
    problem(street.budget.post("/api/absence-rules", body | {"payable_percent": 101}), 400, "malformed-input")
    missed = {"kind": "no-show", "planned_at": "2026-03-02T04:00:00+00:00", "quantity": 1}
    door = f"/api/engagements/{engagement.id}/absences"
    problem(next_door(street).post(door, missed), 404, "engagement-not-found")
    problem(street.house.post(door, missed), 422, "absence-days")
