"""The history of any object: readable, verified on the spot, proved by a file; each reader within their territory."""

import json
import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from contracts.audit.sealing import seal
from contracts.kernel.work import SYSTEM, Role
from market.keys import audit_key
from tests.web.moulds import Cast
from tests.web.officer.office import Office, build_office
from tests.web.officer.reader import links, plain
from tests.web.town import Town, made


@pytest.fixture
def sealed(cast: Cast) -> Office:
    return cast(build_sealed)


def build_sealed(town: Town) -> Office:
    """On each kind of database; everything so far is under a checkpoint."""
    office = build_office(town)
    seal(town.database, audit_key(town.site.settings))
    return office


def streams(office: Office) -> dict[str, str]:
    """One address of each stream that somebody's page leads to."""
    rows = office.town.database.read(
        SYSTEM, lambda work: work.rows(sa.text("SELECT DISTINCT stream FROM audit_event ORDER BY stream"))
    )
    return {row.stream.partition(":")[0]: row.stream.replace(":", "/", 1) for row in rows}


def test_an_auditor_reads_every_history_and_each_holds(sealed: Office) -> None:
    reader = sealed.reader(sealed.street.auditor)
    read = 0
    for stream, address in streams(sealed).items():
        if stream == "price-limit":
            continue  # its name is territory and service; a limit's own id leads there
        page = reader.open(f"/audit/{address}")
        assert "Checked just now: nothing was changed" in page, stream
        assert "trail__event" in page, stream
        read += 1
    assert read >= 12


def test_a_history_tells_who_when_what_and_what_was_before(sealed: Office) -> None:
    made(sealed.street.budget.post(f"/api/acts/{sealed.act_id}/acceptance", key="accept"))
    page = sealed.reader(sealed.street.budget).open(f"/audit/act/{sealed.act_id}")
    assert sealed.act in page
    for said in ("The act was drawn up", "The act was handed in", "The act was accepted", sealed.street.budget.login):
        assert said in page
    assert re.search(r"<del>.*submitted</del>.*<ins>.*accepted</ins>", page, re.DOTALL)
    assert "Warm Home" in page
    assert sealed.street.provider not in page, "people read names, not ids"
    assert "null" not in page, "the document itself is for machines"
    assert "2 entries are chained" not in page
    assert "The first 2 are under a signed seal" in page


def test_histories_are_told_in_kazakh_and_russian(sealed: Office) -> None:
    for language, said in (("kk", "Акт тапсырылды"), ("ru", "Акт сдан")):
        page = sealed.reader(sealed.street.auditor, language=language).open(f"/audit/act/{sealed.act_id}")
        assert said in page
        assert "The act" not in page


def test_what_was_tampered_with_is_said_at_once(sealed: Office) -> None:
    """Somebody with the owner's rights switched off the guards and changed an amount in the trail."""
    with sealed.town.database.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER audit_event_no_update")
        else:
            connection.exec_driver_sql("DROP TRIGGER audit_event_append_only ON audit_event")
        forged = "UPDATE audit_event SET body = replace(body, '750000', '950000') WHERE stream = :stream"
        connection.execute(sa.text(forged), {"stream": f"act:{sealed.act_id}"})
    page = sealed.reader(sealed.street.auditor).open(f"/audit/act/{sealed.act_id}")
    assert "This history was changed after it was written" in page
    told = sealed.street.auditor.get(f"/api/audit/act/{sealed.act_id}/verification").json()
    assert told["holds"] is False
    assert "body or its hashes" in told["fault"]


def test_the_proof_of_an_entry_is_a_file_that_stands_alone(sealed: Office, tmp_path: Path) -> None:
    reader = sealed.reader(sealed.street.auditor)
    page = reader.open(f"/audit/act/{sealed.act_id}")
    proofs = [link for link in links(page) if link.endswith("/proof")]
    assert len(proofs) == 2
    answer = reader.get(proofs[0])
    assert "attachment" in answer.headers["content-disposition"]
    assert json.loads(answer.text)["format"] == "tapsyrys-audit-proof/1"
    for person in (sealed.street.budget, sealed.holder):
        assert sealed.reader(person).get(proofs[0]).status_code == 403
    assert sealed.neighbour(Role.AUDITOR).get(proofs[0]).status_code == 404


def test_officers_read_what_they_decide_about_and_neighbours_nothing(sealed: Office) -> None:
    street = sealed.street
    act, person = f"/audit/act/{sealed.act_id}", f"/audit/user/{street.budget.id}"
    for officer in (street.budget, street.finance, street.buyer, street.auditor):
        sealed.reader(officer).open(act)
    for role in (Role.AUDITOR, Role.BUDGET_OFFICER, Role.FINANCE_OFFICER):
        sealed.neighbour(role).open(act, status=404)
    for other in (street.house, sealed.holder, street.operator):
        sealed.reader(other).open(act, status=403)
    sealed.reader(street.chief).open(person)
    sealed.reader(street.budget).open(person, status=403)
    sealed.neighbour(Role.AUDITOR).open(person, status=404)
    sealed.reader(street.budget).open(f"/audit/voucher/{sealed.voucher}", status=403)
    assert "The voucher was issued" in sealed.reader(street.auditor).open(f"/audit/voucher/{sealed.voucher}")


def test_nothing_personal_stands_in_a_history(sealed: Office) -> None:
    recipient = sealed.street.auditor.get(f"/api/vouchers/{sealed.voucher}").json()["recipient_id"]
    page = sealed.reader(sealed.street.auditor).open(f"/audit/recipient/{recipient}")
    assert "The person was registered" in page
    assert "sealed" in page
    for secret in ("Айгерім", "Abai avenue", "51.16", "4805174"):
        assert secret not in page


def test_a_trail_that_is_not_there(office: Office) -> None:
    reader = office.reader(office.street.auditor)
    for address in ("act/01900000-0000-7000-8000-000000000001", "magic/1", "voucher/not-an-id", "user/x"):
        reader.open(f"/audit/{address}", status=404)
    assert reader.get("/audit-events/01900000-0000-7000-8000-000000000001/proof").status_code == 404


def test_a_long_history_is_read_page_by_page_with_what_was_before(office: Office) -> None:
    offer = office.street.offer
    for capacity in range(11, 71):
        office.street.set_capacity(capacity)
    page = office.reader(office.street.auditor).open(f"/audit/offer/{offer}")
    (following,) = [link for link in links(page) if "after=50" in link]
    second = plain(office.reader(office.street.auditor).open(following))
    assert re.search(r"before: </span>59</del>.*now: </span>60</ins>", second)
    told = office.street.auditor.get(f"/api/audit/offer/{offer}?limit=50").json()
    assert len(told["items"]) == 50
    assert office.street.auditor.get(told["next"]).json()["items"][0]["sequence"] == 51
