"""A contract is ended on pages that say first what will happen, and ask: before its time, unsigned, or over."""

from datetime import timedelta
from uuid import UUID

import pytest

from contracts.approval.service import declare_interest
from contracts.contract import queries as contracts
from contracts.contract import service as contracting
from contracts.contract.rules import Basis, Contract, ContractStatus, ContractTerms
from contracts.kernel.ids import new_id
from contracts.kernel.work import SYSTEM, Role
from market.user import queries as users
from market.web.pages.officer import contract_end
from tests.web.moulds import Cast
from tests.web.officer.office import Office, build_office
from tests.web.officer.reader import Reader, faults, links
from tests.web.town import Person, problem

TITLES = {
    "en": ("End the contract before its time", "Cancel the contract", "Close the contract"),
    "kk": ("Шартты мерзімінен бұрын бұзу", "Шарттың күшін жою", "Шартты жабу"),
    "ru": ("Расторгнуть договор досрочно", "Аннулировать договор", "Закрыть договор"),
}
ENDS = ("termination", "cancellation", "completion")


@pytest.fixture
def office(cast: Cast) -> Office:
    """Noon of 5 April 2026; the last confirmed visit was on 3 March, the voucher lasts to the end of June."""
    return cast(build_office)


def contract(office: Office) -> Contract:
    return office.town.database.read(SYSTEM, lambda work: contracts.contract_numbered(work, office.contract))


def at(office: Office, name: str = "") -> str:
    return f"/budget/contracts/{office.contract}{'/' if name else ''}{name}"


def suspend(office: Office) -> None:
    answer = office.street.buyer.post(f"/api/providers/{office.street.provider}/suspension", {"reason": "sold"})
    assert answer.status_code == 201, answer.text


def placement(office: Office) -> dict[str, object]:
    engaged = office.street.house.get(f"/api/engagements/{office.engagement}").json()
    return dict(office.holder.get(f"/api/placements/{engaged['placement_id']}").json())


def interested(office: Office, person: Person) -> None:
    database = office.town.database
    actor = database.read(SYSTEM, lambda work: users.actor_of_user(work, person.id))
    provider_id = UUID(office.street.provider)
    database.write(actor, lambda work: declare_interest(work, provider_id=provider_id, reason="my brother works there"))


def pending(office: Office) -> Contract:
    """Won, and not signed."""
    running = contract(office)
    terms = ContractTerms(
        running.provider_id, running.line_id, Basis.AWARD, running.from_on, running.until_on, award_id=new_id()
    )
    database = office.town.database
    contract_id = database.write(SYSTEM, lambda work: contracting.conclude(work, terms))
    return database.read(SYSTEM, lambda work: contracts.contract(work, contract_id))


def test_an_officer_is_told_what_will_happen_says_yes_and_the_service_ends(office: Office) -> None:
    suspend(office)
    reader, there = office.reader(office.street.buyer), at(office, "termination")
    assert there in links(reader.open(at(office)))
    page = reader.open(there)
    for told in (
        "every visit is refused",
        "The places are free",
        "goes back to the vouchers",
        "waits for another place",
    ):
        assert told in page
    for on, reason, code in (("", "sold", 400), ("05.04.2026", "", 400), ("01.01.2027", "sold", 422)):
        assert len(faults(reader.refused(there, there, code, on=on, reason=reason))) == 1
    late = reader.refused(there, there, 422, on="03.03.2026", reason="sold")
    assert "A visit on 3 March 2026 was confirmed" in late
    asked = reader.press(there, there, on="05.04.2026", reason="The house was sold").text
    assert "1 service ends." in asked
    assert "Reason: The house was sold" in asked
    assert contract(office).status is ContractStatus.ACTIVE, "asking changes nothing"
    answer = reader.send(asked, there)
    assert (answer.status_code, answer.headers["location"]) == (303, at(office))
    assert reader.send(asked, there).status_code == 303, "sent twice, done once"
    found = contract(office)
    assert (found.status, found.end_reason) == (ContractStatus.TERMINATED, "The house was sold")
    assert (placement(office)["status"], placement(office)["ends_on"]) == ("ended", "2026-04-05")
    page = reader.open(at(office))
    assert "The house was sold" in page
    assert there not in links(page)
    voucher = office.holder.get(f"/api/vouchers/{office.voucher}").json()
    number = office.street.operator.get(f"/api/recipients/{voucher['recipient_id']}").json()["number"]
    own = f"/people/{number}/places/{placement(office)['id']}"
    assert "The contract with this organisation was ended" in office.reader(office.holder).open(own)
    assert "there is nothing left to end" in reader.open(there)
    assert "The house was sold" in office.reader(office.street.house).open(f"/contracts/{found.id}")
    house = f"/organisations/{office.provider}/contracts"
    assert "The house was sold" in office.reader(office.street.house).open(house)


def test_the_interface_ends_it_once_and_answers_a_second_end_clearly(office: Office) -> None:
    there, ended = f"/api/contracts/{contract(office).id}/termination", {"on": "2026-04-05", "reason": "sold"}
    buyer = office.street.buyer
    problem(buyer.post(there, ended, key="end"), 409, "still-on-list")
    suspend(office)
    problem(buyer.post(there, ended | {"on": "2026-03-03"}, key="early"), 422, "placement-end")
    first, again = (buyer.post(there, ended, key="ends") for _ in range(2))
    assert (first.status_code, again.status_code, again.headers["Idempotent-Replayed"]) == (201, 201, "true")
    assert first.json() == again.json()
    assert (first.json()["status"], first.json()["until_on"], first.json()["end_reason"]) == (
        "terminated", "2026-04-05", "sold",
    )  # fmt: skip
    problem(buyer.post(there, ended, key="other"), 409, "wrong-state")
    for person in (office.street.house, office.holder, office.street.auditor):
        assert person.post(there, ended, key=f"by-{person.id}").status_code in {403, 404}


def test_while_the_organisation_can_be_chosen_the_page_says_what_comes_first(office: Office) -> None:
    page = office.reader(office.street.buyer).open(at(office, "termination"))
    assert "people would be placed there again" in page
    assert f"/registry/{office.provider}" in links(page)
    assert f'action="{at(office, "termination")}"' not in page


def test_a_contract_that_nobody_signed_is_cancelled(office: Office) -> None:
    unsigned = pending(office)
    there = f"/budget/contracts/{unsigned.number}/cancellation"
    reader = office.reader(office.street.buyer)
    assert [one for one in links(reader.open(f"/budget/contracts/{unsigned.number}")) if one.endswith(ENDS)] == [there]
    assert "it is cancelled, not ended" in reader.open(f"/budget/contracts/{unsigned.number}/termination")
    assert "no person, place or money is touched" in reader.open(there)
    assert reader.done(there, there) == f"/budget/contracts/{unsigned.number}"
    page = reader.open(there)
    assert "Only a contract that was never signed" in page
    assert f'action="{there}"' not in page


def test_a_contract_is_closed_when_its_last_day_is_over(office: Office) -> None:
    reader, there = office.reader(office.street.buyer), at(office, "completion")
    assert "when its last day is over" in reader.open(there)
    assert there not in links(reader.open(at(office)))
    office.street.travel(280)
    reader = office.reader(office.street.buyer)
    assert there in links(reader.open(at(office)))
    assert at(office, "termination") not in links(reader.open(at(office)))
    assert "Its last day is over" in reader.open(at(office, "termination"))
    assert reader.done(there, there) == at(office)
    assert contract(office).status is ContractStatus.COMPLETED


def test_no_form_where_the_service_would_refuse(office: Office) -> None:
    suspend(office)
    for person in (office.street.auditor, office.street.finance):
        reader = office.reader(person)
        assert not [one for one in links(reader.open(at(office))) if one.endswith(ENDS)]
        page = reader.open(at(office, "termination"))
        assert "Procurement and budget officers of the territory decide" in page
        assert f'action="{at(office, "termination")}"' not in page
    office.neighbour(Role.PROCUREMENT_OFFICER).open(at(office, "termination"), status=404)
    fresh = office.reader(office.street.buyer).open(at(office, "termination"))
    interested(office, office.street.buyer)
    reader = office.reader(office.street.buyer)
    for page in (reader.open(at(office)), reader.open(at(office, "termination"))):
        assert "You declared an interest in this organisation" in page
        assert f'action="{at(office, "termination")}"' not in page
    forged = {"on": "05.04.2026", "reason": "sold", "confirmed": "yes"}
    for data in (forged, forged | {"confirmed": ""}):
        assert reader.send(fresh, at(office, "termination"), **data).status_code in {403, 404, 409}
    assert contract(office).status is ContractStatus.ACTIVE


@pytest.mark.parametrize("language", list(TITLES))
def test_the_pages_speak_all_languages(office: Office, language: str) -> None:
    suspend(office)
    unsigned = pending(office)
    reader: Reader = office.reader(office.street.buyer, language=language)
    numbers = (office.contract, unsigned.number, office.contract)
    for name, number, title in zip(ENDS, numbers, TITLES[language], strict=True):
        assert title in reader.open(f"/budget/contracts/{number}/{name}")


@pytest.mark.parametrize(("language", "told"), [("en", "60 days"), ("ru", "через 60 дней"), ("kk", "60 күн")])
def test_the_page_says_how_long_money_waits_as_the_rule_has_it(
    office: Office, language: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.street.travel(280)
    reader = office.reader(office.street.buyer, language=language)
    assert told in reader.open(at(office, "completion"))
    monkeypatch.setattr(contract_end, "UNUSED_KEPT", timedelta(days=45))
    assert told.replace("60", "45") in reader.open(at(office, "completion"))
