"""The administrator lets people in, gives roles in words, and never sees a password or a key again."""

import re

import pytest

from contracts.audit.queries import events_of
from contracts.kernel.work import SYSTEM, Role
from tests.web.officer.office import Office
from tests.web.officer.reader import Reader, faults, links
from tests.web.town import Person, made

PASSWORD = "a long walk on the steppe"


@pytest.fixture
def chief(office: Office) -> Reader:
    return office.reader(office.street.chief)


@pytest.fixture
def someone(office: Office) -> Person:
    return office.town.person()


def verbs(office: Office, user_id: str) -> list[str]:
    return office.town.database.read(SYSTEM, lambda work: [e.verb for e in events_of(work, "user", user_id)])


def test_somebody_is_let_in_and_signs_in(office: Office, chief: Reader) -> None:
    at = chief.done("/users/new", "/users/new", login="gulnara", password=PASSWORD)
    assert "gulnara" in chief.open(at)
    signed = office.town.client.post("/api/sessions", json={"login": "gulnara", "password": PASSWORD})
    assert signed.status_code == 201
    assert at in links(chief.open("/users?name=gul"))
    assert at not in links(chief.open("/users?name=zz"))
    taken = chief.refused("/users/new", "/users/new", 409, login="gulnara", password=PASSWORD)
    assert PASSWORD not in taken
    short = chief.refused("/users/new", "/users/new", 400, login="x y", password="short")
    assert "Write a password of" in faults(short)[0]
    assert "short" not in re.findall(r'value="([^"]*)"', short)


def test_a_role_is_given_with_its_scope_and_days_and_taken_back(office: Office, chief: Reader, someone: Person) -> None:
    at = f"/users/{someone.id}"
    give = f"{at}/grants/new"
    wish = {"territory": "710000000", "from_on": "01.01.2026", "until_on": "31.12.2026"}
    assert chief.press(f"{give}?role=budget-officer", give, **wish).status_code == 303
    page = chief.open(at)
    assert "budget officer" in page
    assert "31 December 2026" in page
    assert someone.get("/api/funding-lines").json()["items"], "it holds at once"
    (action,) = re.findall(rf'action="({at}/grants/[0-9a-f-]+/revocation)"', page)
    assert chief.send(page, action).status_code == 303
    assert someone.get("/api/funding-lines").json()["items"] == []
    assert verbs(office, str(someone.id))[-2:] == ["granted", "grant-revoked"]


def test_an_interest_is_ended_by_an_administrator_and_not_by_who_declared_it(office: Office, chief: Reader) -> None:
    officer = office.town.person(Role.FINANCE_OFFICER)
    body = {"provider_id": office.street.provider, "reason": "a loan, paid back by March"}
    interest = made(officer.post("/api/interests", body, key="declared"))
    at = f"/users/{officer.id}"
    end = f"{at}/interests/{interest['id']}/ending"
    assert "a loan, paid back by March" in chief.open(at)
    elsewhere = chief.open(at).replace(end, end.replace(str(officer.id), str(office.street.chief.id)))
    assert chief.send(elsewhere, end.replace(str(officer.id), str(office.street.chief.id))).status_code == 404
    office.reader(officer).open(at, status=403)
    assert chief.done(at, end) == at
    assert "a loan, paid back by March" not in chief.open(at)
    assert officer.get("/api/interests").json()["items"] == []


def test_incompatible_roles_are_refused_in_the_readers_words(office: Office, someone: Person) -> None:
    at = f"/users/{someone.id}/grants/new"
    wish = {"territory": "0", "from_on": "01.01.2026"}
    chief = office.reader(office.street.chief)
    assert chief.press(f"{at}?role=budget-officer", at, **wish).status_code == 303
    page = chief.refused(f"{at}?role=finance-officer", at, 400, **wish)
    assert faults(page) == ["One person may not be budget officer and finance officer at the same time"]
    russian = office.reader(office.street.chief, language="ru")
    page = russian.press(f"{at}?role=auditor", at, **wish)
    assert "специалист по бюджету" in faults(page.text)[0]


def test_scopes_are_named_by_numbers_that_people_know(office: Office, chief: Reader, someone: Person) -> None:
    at = f"/users/{someone.id}/grants/new"
    days = {"from_on": "01.01.2026"}
    wrong = chief.refused(f"{at}?role=carer", at, 400, provider="P-00000-00000", **days)
    assert faults(wrong) == ["There is no organisation with this number"]
    assert chief.press(f"{at}?role=carer", at, provider=office.provider, **days).status_code == 303
    assert "Warm Home" in chief.open(f"/users/{someone.id}")
    wrong = chief.refused(f"{at}?role=recipient", at, 400, recipient="R-nobody", **days)
    assert faults(wrong) == ["There is no recipient with this number"]
    page = chief.open(f"{at}?role=representative")
    assert 'name="ground"' in page


def test_a_key_is_shown_once(office: Office, chief: Reader, someone: Person) -> None:
    at = f"/users/{someone.id}"
    page = chief.open(at)
    answer = chief.send(page, f"{at}/keys", name="accounting program")
    assert answer.status_code == 200
    (key,) = re.findall(r"tps_[\w-]+", answer.text)
    assert office.town.client.get("/api/me", headers={"Authorization": f"Bearer {key}"}).status_code == 200
    again = chief.send(page, f"{at}/keys", name="accounting program")
    assert again.status_code == 303, "sent twice, issued once, shown once"
    shown = chief.open(at)
    assert "tps_" not in shown
    action = next(a for a in re.findall(rf'action="({at}/keys/[0-9a-f-]+/revocation)"', shown))
    assert chief.send(shown, action).status_code == 303
    assert verbs(office, str(someone.id)).count("key-issued") == 2  # the tests' own, and this one


def test_the_key_is_nowhere_in_the_database(office: Office, chief: Reader, someone: Person) -> None:
    at = f"/users/{someone.id}"
    answer = chief.press(at, f"{at}/keys", name="secret")
    (key,) = re.findall(r"tps_[\w-]+", answer.text)
    with office.town.database.engine.connect() as connection:
        dump = "\n".join(connection.connection.driver_connection.iterdump())
    assert key not in dump


def test_a_new_password_and_the_end_of_an_access(office: Office, chief: Reader, someone: Person) -> None:
    at = f"/users/{someone.id}"
    chief.done(at, f"{at}/password", password=PASSWORD)
    signed = office.town.client.post("/api/sessions", json={"login": someone.login, "password": PASSWORD})
    assert signed.status_code == 201
    chief.done(at, f"{at}/disablement")
    assert someone.get("/api/me").status_code == 401
    page = chief.open(at)
    for action in ("keys", "password", "disablement", "grants/new"):
        assert f'action="{at}/{action}"' not in page
    assert verbs(office, str(someone.id))[-1] == "disabled"


def test_nobody_gives_a_role_to_themselves(office: Office, chief: Reader) -> None:
    own = f"/users/{office.street.chief.id}"
    page = chief.open(own)
    assert "another administrator does it" in page
    assert f'action="{own}/disablement"' not in page
    at = f"{own}/grants/new"
    assert chief.press(f"{at}?role=operator", at, territory="0", from_on="01.01.2026").status_code == 403


def test_only_administrators_see_users(office: Office, someone: Person) -> None:
    street = office.street
    for person in (
        street.budget,
        street.finance,
        street.buyer,
        street.auditor,
        street.operator,
        street.house,
        office.holder,
    ):
        reader = office.reader(person)
        for path in ("/users", "/users/new", f"/users/{someone.id}", f"/users/{someone.id}/grants/new"):
            reader.open(path, status=403)


def test_a_page_of_users_is_walked_by_name(office: Office, chief: Reader) -> None:
    for number in range(60):
        office.town.person(login=f"walker-{number:02d}")
    page = chief.open("/users?name=walker-")
    assert "walker-49" in page
    assert "walker-50" not in page
    (following,) = [link for link in links(page) if "since=walker-49" in link]
    assert "walker-59" in chief.open(following)
