"""From registration to admission and suspension: who may, under which conditions, and what stays out."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from contracts.approval.rules import InterestDeclared
from contracts.approval.service import declare_interest
from contracts.audit.queries import events_of
from contracts.kernel.errors import DomainError, Malformed, NotAllowed, NotFound, NotSignedIn, WrongState
from contracts.kernel.ids import new_id
from contracts.kernel.runner import Database
from contracts.kernel.work import NOBODY, SYSTEM, Actor, Grant, Role, Work
from contracts.payee import queries as payees
from market.catalogue.rules import UnknownLocality, UnknownTerritory
from market.provider import queries, service
from market.provider.rules import (
    BinTaken,
    LicenceMissing,
    LicenceTaken,
    OwnProvider,
    ProviderNotFound,
    ProviderStatus,
    ServicePointMissing,
    clean_text,
)
from market.user import queries as users
from market.user import service as user_service
from market.user.personal import Vault
from market.user.rules import IncompatibleRoles
from tests.provider.houses import (
    ALMATY_OFFICER,
    ASTANA_CITY,
    OFFICER,
    OTHER_BIN,
    WARM_HOME,
    House,
    country,
    own,
    warm_home,
)
from tests.user.people import ADMINISTRATOR, somebody

VAULT = Vault(b"m" * 32, b"i" * 32)


def verbs(database: Database, provider_id: UUID) -> list[str]:
    return [e.verb for e in database.read(SYSTEM, lambda work: events_of(work, "provider", provider_id))]


def status(database: Database, provider_id: UUID) -> ProviderStatus:
    return database.read(SYSTEM, lambda work: queries.provider(work, provider_id)).status


@pytest.fixture
def house(database: Database) -> House:
    country(database)
    return database.write(SYSTEM, warm_home)


def test_who_registers_a_provider_speaks_for_it_from_then_on(database: Database) -> None:
    country(database)
    aigul = somebody(database)
    actor = database.read(SYSTEM, lambda work: users.actor_of_user(work, aigul))

    def register(work: Work) -> UUID:
        provider_id = service.register(work, WARM_HOME)
        service.add_licence(work, provider_id, number="in the same breath", from_on=work.today)
        return provider_id

    provider_id = database.write(actor, register)
    actor = database.read(SYSTEM, lambda work: users.actor_of_user(work, aigul))
    assert actor.grants == (Grant(Role.PROVIDER, provider_id=provider_id),)
    assert verbs(database, provider_id) == ["registered", "licence-added"]
    stored = database.read(SYSTEM, lambda work: queries.provider(work, provider_id))
    assert (stored.bin, stored.name, stored.status) == (WARM_HOME.bin, "Warm Home", ProviderStatus.REGISTERED)
    assert stored.number.startswith("P-")


def test_a_provider_that_names_its_account_is_a_payee_from_the_start(database: Database) -> None:
    country(database)
    aigul = somebody(database)
    actor = database.read(SYSTEM, lambda work: users.actor_of_user(work, aigul))
    with_account = replace(WARM_HOME, iban="KZ86 125K ZT50 0410 0100", legal_name="PF Warm Home")
    with pytest.raises(Malformed) as refused:
        database.write(actor, lambda work: service.register(work, replace(WARM_HOME, iban="KZ87125KZT5004100100")))
    assert refused.value.members["rule"] == "iban-form"
    assert database.read(SYSTEM, queries.providers) == []
    provider_id = database.write(actor, lambda work: service.register(work, with_account))

    def look(work: Work) -> None:
        payee = payees.payee_of(work, provider_id)
        assert payee is not None
        version = payees.active_version(work, payee.id)
        assert version is not None
        assert (version.iban, version.legal_name) == ("KZ86125KZT5004100100", "PF Warm Home")
        assert [e.verb for e in events_of(work, "payee", payee.id)] == ["opened"]

    database.read(SYSTEM, look)
    assert verbs(database, provider_id) == ["registered"]


def test_an_officer_registers_no_provider_and_neither_does_nobody(database: Database) -> None:
    country(database)
    aigul = somebody(database)
    with pytest.raises(NotSignedIn):
        database.write(NOBODY, lambda work: service.register(work, WARM_HOME))
    from_on = database.read(SYSTEM, lambda work: work.today)
    database.write(
        ADMINISTRATOR,
        lambda work: user_service.grant(work, aigul, role=Role.BUDGET_OFFICER, territory="71", from_on=from_on),
    )
    actor = database.read(SYSTEM, lambda work: users.actor_of_user(work, aigul))
    with pytest.raises(IncompatibleRoles):
        database.write(actor, lambda work: service.register(work, WARM_HOME))
    assert database.read(SYSTEM, queries.providers) == []


def test_a_registration_that_cannot_be_is_refused_and_the_field_is_named(database: Database) -> None:
    country(database)
    refusals: list[tuple[dict[str, str], type[DomainError], str]] = [
        ({"bin": "190540009118"}, Malformed, "bin-check-digit"),
        ({"bin": "061211600012"}, Malformed, "bin-form"),
        ({"bin": ""}, Malformed, "bin-form"),
        ({"territory": "720000000"}, UnknownTerritory, "known-territory"),
        ({"territory": "71"}, UnknownTerritory, "known-territory"),
        ({"name": ""}, Malformed, "text-length"),
        ({"name": "x" * 301}, Malformed, "text-length"),
        ({"name": "Warm\u202eemoH"}, Malformed, "visible-text"),
        ({"name": "Warm\u200bHome"}, Malformed, "visible-text"),
        ({"name": "Warm\u0000Home"}, Malformed, "visible-text"),
    ]
    for changes, error, rule in refusals:
        with pytest.raises(error) as refused:
            database.write(SYSTEM, lambda work, c=changes: service.register(work, replace(WARM_HOME, **c)))  # type: ignore[misc]
        assert refused.value.members["rule"] == rule
        (field,) = changes
        pointer = refused.value.members.get("pointer") or refused.value.members["errors"][0]["pointer"]  # type: ignore[index]
        assert pointer == f"/{field}"
    assert database.read(SYSTEM, queries.providers) == []


def test_one_bin_is_registered_once(database: Database, house: House) -> None:
    with pytest.raises(BinTaken):
        database.write(SYSTEM, lambda work: service.register(work, replace(WARM_HOME, name="Warm Home 2")))
    found = database.read(SYSTEM, lambda work: queries.provider_by_bin(work, WARM_HOME.bin))
    assert found is not None
    assert found.id == house.provider_id


@pytest.mark.parametrize(
    ("written", "kept"),
    [("  Жылы \t үй ", "Жылы үй"), ("И\u0306", "Й"), ("Ardak & Co. «Қамқор»", "Ardak & Co. «Қамқор»")],
)
def test_a_name_is_kept_composed_and_with_single_spaces(written: str, kept: str) -> None:
    assert clean_text(written, pointer="/name", limit=300) == kept


def test_admission_needs_a_licence_and_a_service_point(database: Database) -> None:
    country(database)
    provider_id = database.write(SYSTEM, lambda work: service.register(work, WARM_HOME))
    with pytest.raises(LicenceMissing):
        database.write(OFFICER, lambda work: service.admit(work, provider_id))

    def expired(work: Work) -> None:
        first = work.today - timedelta(days=30)
        service.add_licence(work, provider_id, number="expired", from_on=first, until_on=work.today)
        service.add_licence(work, provider_id, number="future", from_on=work.today + timedelta(days=1))

    database.write(SYSTEM, expired)
    with pytest.raises(LicenceMissing):
        database.write(OFFICER, lambda work: service.admit(work, provider_id))
    database.write(SYSTEM, lambda work: service.add_licence(work, provider_id, number="now", from_on=work.today))
    with pytest.raises(ServicePointMissing):
        database.write(OFFICER, lambda work: service.admit(work, provider_id))
    assert status(database, provider_id) is ProviderStatus.REGISTERED
    assert "admitted" not in verbs(database, provider_id)


def test_an_officer_in_scope_admits_suspends_and_readmits(database: Database, house: House) -> None:
    database.write(OFFICER, lambda work: service.admit(work, house.provider_id))
    assert status(database, house.provider_id) is ProviderStatus.ADMITTED
    database.write(OFFICER, lambda work: service.suspend(work, house.provider_id, reason=" licence under  review "))
    stored = database.read(SYSTEM, lambda work: queries.provider(work, house.provider_id))
    assert (stored.status, stored.decision_reason) == (ProviderStatus.SUSPENDED, "licence under review")
    assert (stored.decided_by, stored.version) == (OFFICER.id, 3)
    database.write(OFFICER, lambda work: service.readmit(work, house.provider_id))
    assert status(database, house.provider_id) is ProviderStatus.ADMITTED
    assert verbs(database, house.provider_id)[-3:] == ["admitted", "suspended", "readmitted"]


def test_an_officer_who_declared_an_interest_neither_admits_nor_suspends(database: Database, house: House) -> None:
    database.write(OFFICER, lambda work: declare_interest(work, provider_id=house.provider_id, reason="an old loan"))
    colleague = Actor(UUID(int=77), "a colleague", OFFICER.grants)
    with pytest.raises(InterestDeclared):
        database.write(OFFICER, lambda work: service.admit(work, house.provider_id))
    database.write(colleague, lambda work: service.admit(work, house.provider_id))
    with pytest.raises(InterestDeclared):
        database.write(OFFICER, lambda work: service.suspend(work, house.provider_id, reason="an inspection"))
    assert status(database, house.provider_id) is ProviderStatus.ADMITTED


def test_a_status_moves_only_through_its_table(database: Database, house: House) -> None:
    with pytest.raises(WrongState):
        database.write(OFFICER, lambda work: service.suspend(work, house.provider_id, reason="early"))
    with pytest.raises(WrongState):
        database.write(OFFICER, lambda work: service.readmit(work, house.provider_id))
    database.write(OFFICER, lambda work: service.admit(work, house.provider_id))
    with pytest.raises(WrongState) as refused:
        database.write(OFFICER, lambda work: service.admit(work, house.provider_id))
    assert refused.value.members["status"] == "admitted"
    with pytest.raises(Malformed):
        database.write(OFFICER, lambda work: service.suspend(work, house.provider_id, reason=" "))


def test_nobody_else_decides_about_a_provider(database: Database, house: House) -> None:
    for outsider in (house.people, ALMATY_OFFICER, ADMINISTRATOR, NOBODY):
        with pytest.raises(NotAllowed):
            database.write(outsider, lambda work: service.admit(work, house.provider_id))
    both = Actor(new_id(), "both", (*(OFFICER.grants or ()), Grant(Role.PROVIDER, provider_id=house.provider_id)))
    with pytest.raises(OwnProvider):
        database.write(both, lambda work: service.admit(work, house.provider_id))
    with pytest.raises(ProviderNotFound):
        database.write(OFFICER, lambda work: service.admit(work, new_id()))
    assert status(database, house.provider_id) is ProviderStatus.REGISTERED


def test_another_providers_things_look_as_if_they_were_not_there(database: Database, house: House) -> None:
    stranger = own(new_id())
    answers = set()
    for provider_id in (house.provider_id, new_id()):
        for attempt in (
            lambda work, p: service.add_licence(work, p, number="mine", from_on=work.today),
            lambda work, p: service.add_service_point(work, p, name="x", locality_id=ASTANA_CITY, address="y"),
            lambda work, p: service.add_staff(work, VAULT, p, name="x", speciality="y", from_on=work.today),
            lambda work, p: service.open_offer(work, house.offer(provider_id=p)),
        ):
            with pytest.raises(NotFound) as refused:
                database.write(stranger, lambda work, a=attempt, p=provider_id: a(work, p))  # type: ignore[misc]
            answers.add((refused.value.code, refused.value.detail))
    assert answers == {("provider-not-found", "There is no such provider")}


def test_a_licence_belongs_to_one_provider_and_ends_after_it_begins(database: Database, house: House) -> None:
    database.write(
        OFFICER, lambda work: service.add_licence(work, house.provider_id, number="by officer", from_on=work.today)
    )
    other = database.write(SYSTEM, lambda work: service.register(work, replace(WARM_HOME, bin=OTHER_BIN)))
    with pytest.raises(LicenceTaken):
        database.write(SYSTEM, lambda work: service.add_licence(work, other, number="by  officer", from_on=work.today))
    with pytest.raises(Malformed):
        database.write(
            SYSTEM,
            lambda work: service.add_licence(work, other, number="n", from_on=work.today, until_on=work.today),
        )
    assert database.read(SYSTEM, lambda work: queries.licences(work, other)) == []


def test_a_service_point_stands_in_a_known_locality_inside_the_country(database: Database, house: House) -> None:
    def add(work: Work, locality: int, latitude: float | None = None, longitude: float | None = None) -> UUID:
        return service.add_service_point(
            work,
            house.provider_id,
            name="Point",
            locality_id=locality,
            address="Street 1",
            latitude=latitude,
            longitude=longitude,
        )

    almaty, here = 1526384, (43.25, 76.9)
    point_id = database.write(house.people, lambda work: add(work, almaty, *here))
    point = database.read(SYSTEM, lambda work: queries.service_point(work, point_id))
    assert (point.territory, point.latitude, point.longitude) == ("750000000", *here)
    with pytest.raises(UnknownLocality):
        database.write(house.people, lambda work: add(work, 1))
    for wrong in ((float("nan"), 76.9), (43.25, float("inf")), (55.75, 37.6), (-43.25, 76.9)):
        with pytest.raises(Malformed) as refused:
            database.write(house.people, lambda work, w=wrong: add(work, almaty, *w))  # type: ignore[misc]
        assert refused.value.members["rule"] == "inside-the-country"
    assert len(database.read(SYSTEM, lambda work: queries.service_points(work, house.provider_id))) == 2


def test_a_workers_name_is_sealed_in_the_table_and_in_the_trail(database: Database, house: House) -> None:
    worker_id = database.write(
        house.people,
        lambda work: service.add_staff(
            work, VAULT, house.provider_id, name="Дана Серік", speciality="social worker", from_on=work.today
        ),
    )

    def look(work: Work) -> None:
        (worker,) = queries.staff(work, house.provider_id, on=work.today)
        assert worker.id == worker_id
        assert "Дана".encode() not in worker.name_sealed
        assert VAULT.person(work, worker_id).open_text(worker.name_sealed) == "Дана Серік"
        event = events_of(work, "provider", house.provider_id)[-1]
        assert event.verb == "staff-added"
        assert "Дана" not in event.body
        assert queries.staff(work, house.provider_id, on=work.today - timedelta(days=1)) == []

    database.read(SYSTEM, look)


def test_providers_are_listed_page_by_page_by_territory_and_status(database: Database, house: House) -> None:
    elsewhere = replace(WARM_HOME, bin=OTHER_BIN, territory="750000000")
    other = database.write(SYSTEM, lambda work: service.register(work, elsewhere))

    def look(work: Work) -> None:
        everyone = [p.id for p in queries.providers(work)]
        assert everyone == [house.provider_id, other]
        assert [p.id for p in queries.providers(work, limit=1)] == everyone[:1]
        assert [p.id for p in queries.providers(work, after=everyone[0])] == everyone[1:]
        assert [p.id for p in queries.providers(work, territory="75")] == [other]
        assert queries.providers(work, status=ProviderStatus.ADMITTED) == []
        assert not queries.is_admitted(work, house.provider_id, work.today)

    database.read(SYSTEM, look)
