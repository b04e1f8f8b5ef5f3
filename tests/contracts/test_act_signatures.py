"""An act is signed as it stands, by who says so, with a certificate that holds; anything else is refused."""

from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from contracts.act import countersigning, deciding, editions, queries, terms
from contracts.act import service as acting
from contracts.act.rules import (
    ActNotFound,
    ActNotSubmitted,
    DeductionCode,
    SecondPersonNeeded,
    Side,
    SignatureMissing,
    Signatures,
    TermCode,
)
from contracts.act.signing import MAX_CONTAINER, SignatureWrong, SignedAlready
from contracts.contract.rules import Engagement
from contracts.kernel.period import Month
from contracts.kernel.work import Actor, Grant, Role
from market.authority import Authority, LocalSigner, known_authority, local_authority, trusted_roots
from tests.contracts.houses import ALMATY, AUDITOR, DIRECTOR, NOON, OFFICER, STRANGER, House, almaty

BIN, OTHER_BIN = "061211600012", "190540009117"
FINANCE = Actor(UUID(int=0x31), "finance officer", (Grant(Role.FINANCE_OFFICER, territory=ALMATY[:2]),))
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.new(NOON)


@pytest.fixture
def act_id(house: House) -> UUID:
    house.payee(bin_=BIN)
    engagement: Engagement = house.engaged(house.voucher_contract())
    house.confirmed(engagement, almaty(2026, 3, 2, 9), hours=3)
    drafted = house.do(DIRECTOR, lambda w: acting.draft(w, engagement.contract_id, month=Month(2026, 3)))
    house.do(DIRECTOR, lambda w: acting.submit(w, drafted))
    return drafted


def director(authority: Authority, *, bin_: str | None = BIN, lifetime: timedelta = 365 * DAY) -> LocalSigner:
    return authority.signer(NOON, name="ЖҰМАБАЙ АЙГЕРІМ", bin_=bin_, lifetime=lifetime)


def document(house: House, act_id: UUID) -> bytes:
    return house.see(lambda w: countersigning.document_to_sign(w, queries.act(w, act_id))).encode()


def sign(house: House, act_id: UUID, container: bytes, authority: Authority, actor: Actor = DIRECTOR) -> UUID:
    return house.do(actor, lambda w: countersigning.sign(w, act_id, container=container, roots=[authority.pem]))


def ask_for(house: House, which: Signatures) -> None:
    facts = {"code": TermCode.SIGNATURES, "territory": ALMATY[:2], "from_on": date(2026, 4, 10), "source": "order"}
    house.do(FINANCE, lambda w: terms.set_term(w, value=which, **facts))  # type: ignore[arg-type] # facts are its own


def refused(house: House, act_id: UUID, container: bytes, authority: Authority, rule: str) -> None:
    with pytest.raises(SignatureWrong) as error:
        sign(house, act_id, container, authority)
    assert error.value.members["rule"] == rule


def test_an_act_is_accepted_once_both_sides_have_signed_it(house: House, act_id: UUID, authority: Authority) -> None:
    ask_for(house, Signatures.BOTH)
    text = document(house, act_id)
    for container, actor in (
        (director(authority).sign(text), DIRECTOR),
        (director(authority, bin_=OTHER_BIN).sign(text), OFFICER),
    ):
        with pytest.raises(SignatureMissing):
            house.do(OFFICER, partial(acting.accept, act_id=act_id))
        sign(house, act_id, container, authority, actor)
    house.do(OFFICER, partial(acting.accept, act_id=act_id))
    (told,) = house.see(lambda w: editions.history(w, act_id))
    assert [(one.side, one.subject_bin) for one in told.signatures] == [
        (Side.PROVIDER, BIN),
        (Side.CUSTOMER, OTHER_BIN),
    ]
    assert told.signatures[0].signer == "ЖҰМАБАЙ АЙГЕРІМ"
    stranger = Authority.new(NOON)
    for one in told.signatures:
        assert house.see(
            partial(countersigning.still_holds, edition=told.edition, signature=one, roots=[authority.pem])
        )
        assert not house.see(
            partial(countersigning.still_holds, edition=told.edition, signature=one, roots=[stranger.pem])
        )
    assert house.verbs("act", act_id) == ["drafted", "submitted", "signed", "signed", "accepted"]
    assert house.broken() == []


def test_without_the_setting_no_signature_is_asked_for(house: House, act_id: UUID) -> None:
    house.do(OFFICER, partial(acting.accept, act_id=act_id))


def test_a_signature_holds_for_what_the_act_said_and_not_for_what_it_says_now(
    house: House, act_id: UUID, authority: Authority
) -> None:
    ask_for(house, Signatures.PROVIDER)
    signer = director(authority)
    sign(house, act_id, signer.sign(document(house, act_id)), authority)
    (line,) = house.see(lambda w: queries.lines(w, act_id))
    house.do(
        OFFICER,
        lambda w: deciding.deduct(
            w, act_id, line.id, amount_minor=5_00, code=DeductionCode.NOT_SERVED, note="left early"
        ),
    )
    with pytest.raises(SignatureMissing):
        house.do(OFFICER, partial(acting.accept, act_id=act_id))
    sign(house, act_id, signer.sign(document(house, act_id)), authority)
    house.do(OFFICER, partial(acting.accept, act_id=act_id))
    assert [len(one.signatures) for one in house.see(lambda w: editions.history(w, act_id))] == [1, 1]


def test_a_changed_document_is_refused(house: House, act_id: UUID, authority: Authority) -> None:
    text = document(house, act_id)
    refused(house, act_id, director(authority).sign(text.replace(b"3000", b"9000")), authority, "same-document")
    broken = bytearray(director(authority).sign(text))
    broken[-3] ^= 1  # in the signature itself
    refused(house, act_id, bytes(broken), authority, "same-key")


def test_a_certificate_of_another_or_of_no_known_authority_or_out_of_time_is_refused(
    house: House, act_id: UUID, authority: Authority
) -> None:
    text = document(house, act_id)
    refused(house, act_id, director(authority, bin_=OTHER_BIN).sign(text), authority, "own-certificate")
    refused(house, act_id, director(authority, bin_=None).sign(text), authority, "own-certificate")
    refused(house, act_id, director(Authority.new(NOON)).sign(text), authority, "trusted")
    refused(house, act_id, director(authority, lifetime=-DAY / 2).sign(text), authority, "trusted")
    house.move(400)
    refused(house, act_id, director(authority).sign(text), authority, "trusted")


@pytest.mark.parametrize("container", [b"", b"no signature", b"\x30\x80", b"0" * (MAX_CONTAINER + 1)])
def test_what_is_no_signature_is_refused(house: House, act_id: UUID, authority: Authority, container: bytes) -> None:
    refused(house, act_id, container, authority, "readable")


def test_a_side_signs_once_and_only_what_lies_with_the_officer(
    house: House, act_id: UUID, authority: Authority
) -> None:
    container = director(authority).sign(document(house, act_id))
    sign(house, act_id, container, authority)
    with pytest.raises(SignedAlready):
        sign(house, act_id, container, authority)
    for other in (STRANGER, AUDITOR):
        with pytest.raises(ActNotFound):
            sign(house, act_id, container, authority, other)
    with pytest.raises(SignatureWrong):
        sign(house, act_id, container, authority, OFFICER)  # with the provider's certificate
    both = Actor(DIRECTOR.id, "both", (Grant(Role.BUDGET_OFFICER, territory=""),))
    with pytest.raises(SecondPersonNeeded):
        sign(house, act_id, container, authority, both)
    house.do(OFFICER, lambda w: acting.return_act(w, act_id, reason="no"))
    with pytest.raises(ActNotSubmitted):
        sign(house, act_id, container, authority)


def test_a_signature_is_never_changed(house: House, act_id: UUID, authority: Authority) -> None:
    sign(house, act_id, director(authority).sign(document(house, act_id)), authority)
    for forgery in ("UPDATE act_signature SET subject_bin = NULL", "DELETE FROM act_signature_container"):
        with pytest.raises(sa.exc.DBAPIError), house.database.engine.begin() as connection:
            connection.execute(sa.text(forgery))


def test_a_demonstrations_authority_is_made_once_and_believed(tmp_path: Path) -> None:
    assert known_authority(tmp_path) is None
    assert trusted_roots(tmp_path) == []
    made = local_authority(tmp_path, datetime.now(NOON.tzinfo))
    again = local_authority(tmp_path, datetime.now(NOON.tzinfo))
    known = known_authority(tmp_path)
    assert known is not None
    assert made.pem == again.pem == known.pem == trusted_roots(tmp_path)[0]
