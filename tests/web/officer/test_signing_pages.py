"""An act is signed on a page or by API, and anybody can check what its paper says."""

from base64 import b64encode
from datetime import datetime

import pytest

from contracts.kernel.work import SYSTEM
from market.authority import Authority, local_authority
from tests.web.moulds import Cast
from tests.web.officer.office import Office, build_office
from tests.web.officer.reader import links
from tests.web.town import made


@pytest.fixture
def fresh(cast: Cast) -> Office:
    return cast(build_office)


def _now(office: Office) -> datetime:
    return office.town.database.read(SYSTEM, lambda work: work.now)


def authority(office: Office) -> Authority:
    return local_authority(office.town.site.settings.home, _now(office))


def test_both_sides_sign_and_anybody_can_check(fresh: Office) -> None:
    made_by, path = authority(fresh), f"/acts/{fresh.act_id}/signature"
    house, officer = fresh.reader(fresh.street.house), fresh.reader(fresh.street.budget)
    assert path in links(house.open(f"/organisations/{fresh.provider}/acts/{fresh.act_id}"))
    assert path in links(officer.open(f"/acts-desk/{fresh.act}"))
    house.refused(path, path, 422, signature="AAAA")
    house.done(path, path, local="yes")
    signer = made_by.signer(_now(fresh), name="Officer", bin_="061240001236")
    text = fresh.street.budget.get(f"/api/acts/{fresh.act_id}/document").json()["document"]
    assert officer.get(f"/acts/{fresh.act_id}/act.json").text == text
    pasted = f"-----BEGIN CMS-----\n{b64encode(signer.sign(text.encode())).decode()}\n-----END CMS-----"
    officer.done(path, path, signature=pasted)
    page = fresh.town.client.get(f"/check/{fresh.act}").text
    assert page.count("<strong>Yes</strong>") == 2
    assert "Officer" not in page, "names of those who signed are on the paper, not on the open page"
    for stored in fresh.town.site.settings.home.glob("trust/*.pem"):
        stored.unlink()
    assert fresh.town.client.get(f"/check/{fresh.act}").text.count("<strong>No</strong>") == 2


def test_a_signature_comes_by_api_with_its_refusals(fresh: Office) -> None:
    made_by, path, house = authority(fresh), f"/api/acts/{fresh.act_id}", fresh.street.house
    text = house.get(f"{path}/document").json()["document"].encode()
    bin_ = house.get(f"/api/providers/{fresh.street.provider}").json()["bin"]
    signer = made_by.signer(_now(fresh), name="Director", bin_=bin_)

    def sent(signature: bytes) -> dict[str, str]:
        return {"signature": b64encode(signature).decode()}

    for wrong, rule in ((signer.sign(text + b" "), "same-document"), (b"nothing", "readable")):
        refused = house.post(f"{path}/signature", sent(wrong))
        assert (refused.status_code, refused.json()["code"], refused.json()["rule"]) == (422, "signature-wrong", rule)
    made(house.post(f"{path}/signature", sent(signer.sign(text))))
    again = house.post(f"{path}/signature", sent(signer.sign(text)))
    assert (again.status_code, again.json()["code"]) == (409, "act-signed-already")
    (version,) = house.get(f"{path}/editions").json()["items"]
    assert [(one["side"], one["subject_bin"]) for one in version["signatures"]] == [("provider", bin_)]
    paper = fresh.reader(fresh.street.house).get(f"/acts/{fresh.act_id}/act.pdf")
    assert paper.content[:5] == b"%PDF-"
