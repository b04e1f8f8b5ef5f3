"""A person is written down and a voucher issued by forms; a person elsewhere is nobody here."""

from contracts.kernel.work import Role
from tests.web.officer.office import Office
from tests.web.officer.reader import faults
from tests.web.street import iin

PERSON = {
    "name": "Сәуле Омарова", "address": "Abai avenue 12", "locality_id": "1526273", "category": "elderly", "tier": "2",
    "language": "kk",
}  # fmt: skip
VOUCHER = {
    "setting": "home", "unit": "visit", "units_a_month": "8", "ceiling": "3 000", "from_on": "06.04.2026",
    "until_on": "31.12.2026",
}  # fmt: skip


def test_a_person_is_registered_and_gets_a_voucher(office: Office) -> None:
    reader = office.reader(office.street.budget)
    to = reader.done("/recipients/new", "/recipients/new", iin=iin(77), **PERSON)
    assert to.startswith("/vouchers/new?recipient=R-")
    number = to.rpartition("=")[2]
    to = reader.done(to, "/vouchers/new", line_id=office.street.line, **VOUCHER)
    page = reader.open(to)
    assert number in page
    assert "31 December 2026" in page
    for secret in (iin(77), "Сәуле", "Abai avenue 12"):
        assert secret not in page
    taken = reader.press("/recipients/new", "/recipients/new", iin=iin(77), **PERSON)
    assert taken.status_code == 409


def test_a_wrong_iin_is_told_in_plain_words(office: Office) -> None:
    reader = office.reader(office.street.operator)
    page = reader.refused("/recipients/new", "/recipients/new", 400, iin="480517400001", **PERSON)
    assert faults(page) == ["An IIN has twelve digits, the last of which checks the others: look at it again"]


def test_a_voucher_for_nobody_or_for_somebody_elsewhere_is_refused_alike(office: Office) -> None:
    wish = VOUCHER | {"line_id": office.street.line}
    reader = office.reader(office.street.budget)
    number = office.street.budget.get("/api/recipients").json()["items"][0]["number"]
    page = reader.refused("/vouchers/new", "/vouchers/new", 400, recipient_id="R-00000-00000", **wish)
    assert faults(page) == ["There is no recipient with this number"]
    dear = wish | {"ceiling": "9 000"}
    page = reader.refused("/vouchers/new", "/vouchers/new", 422, recipient_id=number, **dear)
    assert 'href="#ceiling"' in page
    neighbour = office.neighbour(Role.BUDGET_OFFICER)
    assert "none is open in your territory" in neighbour.open("/vouchers/new")


def test_only_their_desks_issue(office: Office) -> None:
    street = office.street
    for person in (street.finance, street.auditor, street.buyer, street.house, office.holder, street.chief):
        office.reader(person).open("/vouchers/new", status=403)
        office.reader(person).open("/recipients/new", status=403)
    office.reader(street.operator).open("/vouchers/new", status=403)
