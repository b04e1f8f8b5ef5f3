"""The registry: who waits is admitted by a procurement officer, with a licence and a service point."""

import pytest

from contracts.audit.queries import events_of
from contracts.kernel.work import SYSTEM, Role
from tests.payment.houses import next_bin
from tests.web.officer.office import Office
from tests.web.officer.reader import faults, links
from tests.web.town import made


@pytest.fixture
def newcomer(office: Office) -> tuple[str, str]:
    """Registered, with nothing yet: its id, and its address on the desk."""
    director = office.town.person()
    body = {
        "bin": next_bin(), "name": "Kind Hands", "sector": "ngo", "organisation_type": "ngo", "territory": "710000000",
    }  # fmt: skip
    told = made(director.post("/api/providers", body))
    point = {"name": "House two", "locality_id": 1526273, "address": "Second street 2"}
    made(director.post(f"/api/providers/{told['id']}/service-points", point))
    return told["id"], f"/registry/{told['number']}"


def verbs(office: Office, provider_id: str) -> list[str]:
    return office.town.database.read(SYSTEM, lambda work: [e.verb for e in events_of(work, "provider", provider_id)])


def test_who_waits_is_licensed_and_admitted_then_suspended_and_admitted_again(
    office: Office, newcomer: tuple[str, str]
) -> None:
    provider_id, at = newcomer
    reader = office.reader(office.street.buyer)
    assert at in links(reader.open("/registry"))
    assert "none that holds" in reader.open("/registry")
    assert not reader.offers(at, f"{at}/admission"), "no licence yet"
    licence = {"licence": f"SSS-{at[-5:]}", "from_on": "01.01.2026", "until_on": "31.12.2027"}
    reader.done(at, f"{at}/licences", **licence)
    assert "31 December 2027" in reader.open(at)
    reader.done(at, f"{at}/admission")
    assert at not in links(reader.open("/registry"))
    assert at in links(reader.open("/registry?status=admitted"))
    reader.refused(at, f"{at}/suspension", 400, reason="")
    reader.done(at, f"{at}/suspension", reason="The roof leaks")
    assert "The roof leaks" in reader.open(at)
    reader.done(at, f"{at}/readmission")
    assert verbs(office, provider_id)[-4:] == ["licence-added", "admitted", "suspended", "readmitted"]


def test_a_licence_that_ends_before_it_begins_or_is_taken_is_told_beside_its_field(
    office: Office, newcomer: tuple[str, str]
) -> None:
    _, at = newcomer
    reader = office.reader(office.street.buyer)
    wrong = {"licence": "SSS-9", "from_on": "01.01.2026", "until_on": "31.12.2025"}
    page = reader.refused(at, f"{at}/licences", 400, **wrong)
    assert faults(page) == ["The last day is not before the first"]
    taken = {"licence": "SSS-1", "from_on": "01.01.2026", "until_on": ""}
    assert reader.press(at, f"{at}/licences", **taken).status_code == 409


def test_who_declared_an_interest_reads_why_there_is_no_form(office: Office, newcomer: tuple[str, str]) -> None:
    provider_id, at = newcomer
    buyer = office.town.person(Role.PROCUREMENT_OFFICER)
    made(buyer.post("/api/interests", {"provider_id": provider_id, "reason": "my sister"}, key="declared"))
    page = office.reader(buyer).open(at)
    assert "You declared an interest in this organisation" in page
    assert f'action="{at}/licences"' not in page
    for person in (office.street.buyer, office.street.auditor):
        assert "You declared an interest" not in office.reader(person).open(at)


def test_other_offices_look_and_decide_nothing(office: Office, newcomer: tuple[str, str]) -> None:
    provider_id, at = newcomer
    for person in (office.street.budget, office.street.finance, office.street.auditor, office.street.operator):
        reader = office.reader(person)
        page = reader.open(at)
        for action in ("admission", "suspension", "licences"):
            assert f'action="{at}/{action}"' not in page
    assert "KZ86125KZT5004100100" in office.reader(office.street.finance).open(f"/registry/{office.provider}")
    assert "KZ86125KZT5004100100" not in office.reader(office.street.operator).open(f"/registry/{office.provider}")
    for role in (Role.PROCUREMENT_OFFICER, Role.AUDITOR, Role.OPERATOR):
        neighbour = office.neighbour(role)
        assert at not in links(neighbour.open("/registry"))
        neighbour.open(at, status=404)
    for person in (office.holder, office.street.house, office.street.chief):
        office.reader(person).open("/registry", status=403)
    assert verbs(office, provider_id) == ["registered", "service-point-added"]
