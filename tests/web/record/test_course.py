"""One person's service is interrupted, taken up again and ended by forms: what will happen is said first."""

from uuid import UUID

import pytest

from contracts.contract import queries as contracts
from contracts.kernel.work import SYSTEM, Role
from contracts.ledger.queries import account, account_of
from contracts.ledger.rules import AccountKind
from tests.web.moulds import Cast
from tests.web.officer.office import Office, build_office
from tests.web.officer.reader import faults, links
from tests.web.town import made, problem


@pytest.fixture
def fresh(cast: Cast) -> Office:
    """Noon of 5 April 2026; the last confirmed visit was on 3 March, the voucher lasts to the end of June."""
    return cast(build_office)


def at(office: Office) -> str:
    return f"/engagements/{office.engagement}"


def money(office: Office) -> tuple[int, int]:
    """Free on the engagement and on its voucher."""
    found = office.town.database.read(SYSTEM, lambda w: contracts.engagement(w, UUID(office.engagement)))

    def read(work: object) -> tuple[int, int]:
        reserved = account_of(work, AccountKind.RESERVED, found.voucher_id)  # type: ignore[arg-type] # a Work
        assert reserved is not None
        return account(work, found.account_id).free, reserved.free  # type: ignore[arg-type] # a Work

    return office.town.database.read(SYSTEM, read)


def status(office: Office) -> str:
    return str(office.street.auditor.get(f"/api{at(office)}").json()["status"])


def visit(office: Office, day: str) -> dict[str, object]:
    return {
        "client_id": day, "worker_id": office.street.worker, "place": "at home", "quantity": 1,
        "started_at": f"{day}T05:00:00Z", "ended_at": f"{day}T05:45:00Z",
    }  # fmt: skip


def test_an_officer_interrupts_from_a_day_gone_by_and_takes_it_up_again(fresh: Office) -> None:
    reader, there, before = fresh.reader(fresh.street.operator), f"{at(fresh)}/suspension", money(fresh)
    assert there in links(reader.open(at(fresh)))
    page = reader.open(there)
    assert "From that day on every visit is refused" in page
    assert "nothing goes back to the voucher" in page
    faulty = reader.refused(there, there, 400, on="31.02.2026")
    assert faults(faulty) == ["Write a day that exists, such as 31.12.2026"]
    assert 'href="#on"' in faulty
    late = reader.refused(there, there, 422, on="01.07.2026")
    assert faults(late) == ["That day lies outside the period"]
    assert 'href="#on"' in late
    assert reader.done(there, there, on="04.04.2026") == at(fresh)
    assert (status(fresh), money(fresh)) == ("suspended", before)
    entry = visit(fresh, "2026-04-04")
    problem(fresh.street.house.post(f"/api{at(fresh)}/entries", entry), 422, "engagement-not-active")
    page = reader.open(there)
    assert "Visits from that day on are accepted again" in page
    reader.refused(there, f"{at(fresh)}/resumption", 422, on="03.04.2026")
    reader.done(there, f"{at(fresh)}/resumption", on="04.04.2026")
    assert status(fresh) == "active"
    made(fresh.street.house.post(f"/api{at(fresh)}/entries", entry))


def test_the_person_and_the_organisation_interrupt_from_today_and_name_no_day(fresh: Office) -> None:
    there = f"{at(fresh)}/suspension"
    for person in (fresh.holder, fresh.street.house):
        reader = fresh.reader(person)
        assert there in links(reader.open(at(fresh)))
        page = reader.open(there)
        assert 'name="on"' not in page
        assert "For days gone by, ask an officer" in page
        reader.done(there, there)
        assert status(fresh) == "suspended"
        reader.done(there, f"{at(fresh)}/resumption")
        assert status(fresh) == "active"
        forged = reader.send(reader.open(there), there, on="01.04.2026")
        assert forged.status_code == 422


def test_what_is_ended_gives_its_place_and_its_money_back(fresh: Office) -> None:
    reader, there, (engaged, reserved) = fresh.reader(fresh.holder), f"{at(fresh)}/end", money(fresh)
    offer = fresh.street.house.get(f"/api/offers/{fresh.street.offer}").json()
    assert there in links(reader.open(at(fresh)))
    page = reader.open(there)
    assert "goes back to the voucher at once" in page
    assert "A visit on 3 March 2026 was confirmed" in page
    for wrong, code in (("", 400), ("never", 400), ("01.04.2026", 422), ("01.01.2027", 422)):
        faulty = reader.refused(there, there, code, on=wrong)
        assert 'href="#on"' in faulty
        assert len(faults(faulty)) == 1
    today = reader.open(f"{at(fresh)}/suspension").partition("It is interrupted from today, ")[2].partition(",")[0]
    assert today == "5 April 2026"
    assert reader.done(there, there, on="05.04.2026") == at(fresh)
    assert status(fresh) == "ended"
    left, back = money(fresh)
    assert back - reserved == engaged - left > 0
    now = fresh.street.house.get(f"/api/offers/{fresh.street.offer}").json()
    assert now["free"] == offer["free"] + 1
    page = reader.open(there)
    assert "This service has ended" in page
    assert f'action="{there}"' not in page
    assert there not in links(reader.open(at(fresh)))


def test_an_end_to_come_can_be_moved_to_an_earlier_day(fresh: Office) -> None:
    reader, there = fresh.reader(fresh.street.house), f"{at(fresh)}/end"
    reader.done(there, there, on="01.06.2026")
    assert status(fresh) == "active"
    reader.refused(there, there, 422, on="02.06.2026")
    reader.done(there, there, on="01.05.2026")
    assert fresh.street.auditor.get(f"/api{at(fresh)}").json()["until_on"] == "2026-05-01"


def test_no_form_where_the_service_would_refuse(fresh: Office) -> None:
    suspension, end = f"{at(fresh)}/suspension", f"{at(fresh)}/end"
    for person in (fresh.street.auditor, fresh.street.finance):
        reader = fresh.reader(person)
        assert not {suspension, end} & set(links(reader.open(at(fresh))))
        for there in (suspension, end):
            page = reader.open(there)
            assert "officers of the territory decide on this" in page
            assert f'action="{there}"' not in page
    buyer = fresh.reader(fresh.street.buyer)
    assert suspension in links(buyer.open(at(fresh)))
    assert end not in links(buyer.open(at(fresh))), "a procurement officer interrupts, and ends nothing"
    for there in (suspension, end):
        fresh.neighbour(Role.OPERATOR).open(there, status=404)


def test_the_pages_speak_all_languages(fresh: Office) -> None:
    for language, said in (
        ("kk", ("Қызметті тоқтата тұру", "Қызметті аяқтау")),
        ("ru", ("Приостановить услугу", "Завершить услугу")),
    ):
        reader = fresh.reader(fresh.street.operator, language=language)
        for there, title in zip(("suspension", "end"), said, strict=True):
            assert title in reader.open(f"{at(fresh)}/{there}")
