"""What providers do, and what officers decide about them."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa

from contracts.approval.service import check_disinterested
from contracts.audit.service import record
from contracts.kernel.errors import Malformed, NotFound, NotSignedIn, StaleVersion
from contracts.kernel.ids import human_number, new_id, parse_bin
from contracts.kernel.work import Role, Work
from contracts.payee.service import open_payee
from market.catalogue.queries import locality, territory
from market.provider import queries
from market.provider.models import LicenceRow, OfferRow, OfferTariffRow, ProviderRow, ServicePointRow, StaffRow
from market.provider.rules import (
    ADMISSION,
    MAX_ADDRESS,
    MAX_LICENCE_NUMBER,
    MAX_NAME,
    MAX_REASON,
    MAX_SPECIALITY,
    OPENING,
    BinTaken,
    CapacityBelowTaken,
    LicenceMissing,
    LicenceTaken,
    NewOffer,
    NewProvider,
    NoFreePlace,
    OfferNotFound,
    OfferStatus,
    OwnProvider,
    ProviderNotFound,
    ProviderStatus,
    ServicePointMissing,
    ServicePointNotFound,
    TariffDayTaken,
    check_capacity,
    check_coordinates,
    check_offer,
    check_tariff_day,
    clean_text,
)
from market.tariff.service import check_price
from market.user.personal import Vault
from market.user.service import become_provider


def register(work: Work, new: NewProvider) -> UUID:
    """A provider that nobody may choose yet. Whoever registers it speaks for it from then on. Raises Malformed (BIN,
    IBAN), UnknownTerritory, BinTaken, IncompatibleRoles (officers register nobody)."""
    if work.actor.id is None and work.actor.grants is not None:
        raise NotSignedIn
    provider_id = new_id()
    name = clean_text(new.name, pointer="/name", limit=MAX_NAME)
    if not work.insert_if_new(
        ProviderRow,
        id=provider_id,
        number=human_number("P"),
        bin=parse_bin(new.bin),
        name=name,
        sector=new.sector,
        organisation_type=new.organisation_type,
        territory=territory(work, new.territory).code,
        status=ProviderStatus.REGISTERED,
        registered_at=work.now,
        decided_by=None,
        decided_at=None,
        decision_reason=None,
        version=1,
    ):
        raise BinTaken(pointer="/bin", rule="one-registration-a-bin")
    record(work, "provider", provider_id, "registered")
    become_provider(work, provider_id)
    if new.iban is not None:
        open_payee(work, provider_id=provider_id, bin=new.bin, legal_name=new.legal_name or name, iban=new.iban)
    return provider_id


def admit(work: Work, provider_id: UUID) -> None:
    """From then on its offers can be chosen. Raises LicenceMissing, ServicePointMissing, OwnProvider."""
    _decide(work, provider_id, "admitted", reason=None)


def readmit(work: Work, provider_id: UUID) -> None:
    """After a suspension, under the same conditions as the first time."""
    _decide(work, provider_id, "readmitted", reason=None)


def suspend(work: Work, provider_id: UUID, *, reason: str) -> None:
    """Its offers can no longer be chosen. Nothing that runs is ended by this: people keep their care until they are
    placed elsewhere."""
    _decide(work, provider_id, "suspended", reason=clean_text(reason, pointer="/reason", limit=MAX_REASON))


def add_licence(work: Work, provider_id: UUID, *, number: str, from_on: date, until_on: date | None = None) -> UUID:
    """Raises LicenceTaken: a licence belongs to one legal entity."""
    _require_own(work, provider_id, Role.PROCUREMENT_OFFICER)
    _check_period(from_on, until_on)
    licence_id = new_id()
    if not work.insert_if_new(
        LicenceRow,
        id=licence_id,
        provider_id=provider_id,
        number=clean_text(number, pointer="/number", limit=MAX_LICENCE_NUMBER),
        from_on=from_on,
        until_on=until_on,
    ):
        raise LicenceTaken(pointer="/number", rule="one-provider-a-licence")
    record(work, "provider", provider_id, "licence-added")
    return licence_id


def add_service_point(
    work: Work,
    provider_id: UUID,
    *,
    name: str,
    locality_id: int,
    address: str,
    latitude: float | None = None,
    longitude: float | None = None,
) -> UUID:
    """Where the provider serves; without coordinates it stands in the middle of its locality, whose territory it
    has. Raises UnknownLocality."""
    _require_own(work, provider_id)
    place = locality(work, locality_id)
    here = (place.latitude, place.longitude) if latitude is None or longitude is None else (latitude, longitude)
    check_coordinates(*here)
    point_id = new_id()
    work.insert(
        ServicePointRow,
        id=point_id,
        provider_id=provider_id,
        name=clean_text(name, pointer="/name", limit=MAX_NAME),
        locality_id=place.id,
        territory=place.territory,
        latitude=here[0],
        longitude=here[1],
        address=clean_text(address, pointer="/address", limit=MAX_ADDRESS),
    )
    record(work, "provider", provider_id, "service-point-added")
    return point_id


def add_staff(
    work: Work,
    vault: Vault,
    provider_id: UUID,
    *,
    name: str,
    speciality: str,
    from_on: date,
    until_on: date | None = None,
) -> UUID:
    """The name is sealed with the worker's own key."""
    _require_own(work, provider_id)
    _check_period(from_on, until_on)
    worker_id = new_id()
    worker = vault.new_person(work, worker_id)
    work.insert(
        StaffRow,
        id=worker_id,
        provider_id=provider_id,
        name_sealed=worker.seal_text(clean_text(name, pointer="/name", limit=MAX_NAME)),
        speciality=clean_text(speciality, pointer="/speciality", limit=MAX_SPECIALITY),
        from_on=from_on,
        until_on=until_on,
    )
    record(work, "provider", provider_id, "staff-added")
    return worker_id


def open_offer(work: Work, new: NewOffer) -> UUID:
    """A kind of service at a point, with its counter at zero and its first price. Raises WrongUnit, WrongRadius,
    Malformed (capacity), ServicePointNotFound (also another provider's), and what :func:`set_tariff` raises."""
    _require_own(work, new.provider_id)
    check_offer(new)
    point = queries.service_point(work, new.service_point_id)
    if point.provider_id != new.provider_id:
        raise ServicePointNotFound(pointer="/service_point_id")
    from_on = new.from_on or work.today
    offer_id = new_id()
    work.insert(
        OfferRow,
        id=offer_id,
        number=human_number("O"),
        provider_id=new.provider_id,
        service_point_id=point.id,
        territory=point.territory,
        kind=new.kind,
        setting=new.setting,
        unit=new.unit,
        capacity_unit=new.capacity_unit,
        capacity=new.capacity,
        taken=0,
        categories=sorted({str(category) for category in new.categories}),
        languages=sorted({str(language) for language in new.languages}),
        radius_m=new.radius_m,
        status=OfferStatus.OPEN,
        version=1,
    )
    _add_tariff(work, queries.offer(work, offer_id), price_minor=new.price_minor, from_on=from_on)
    record(work, "offer", offer_id, "opened")
    return offer_id


def set_capacity(work: Work, offer_id: UUID, *, capacity: int, version: int | None = None) -> None:
    """Never below what is taken. With ``version`` only if nobody changed the offer since. Raises CapacityBelowTaken,
    StaleVersion."""
    offer = _own_offer(work, offer_id)
    check_capacity(capacity, offer.capacity_unit)
    fits = (OfferRow.taken <= capacity, *_unchanged_since(version))
    if not work.update(OfferRow, offer_id, *fits, capacity=capacity, version=OfferRow.version + 1):
        taken = queries.offer(work, offer_id).taken
        if taken <= capacity:
            raise StaleVersion(rule="offer-version")
        raise CapacityBelowTaken(pointer="/capacity", rule="taken-within-capacity", taken=taken)
    record(work, "offer", offer_id, "capacity-set")


def close_offer(work: Work, offer_id: UUID) -> None:
    """Nobody new is taken; who is served stays."""
    _move_offer(work, offer_id, "closed")


def reopen_offer(work: Work, offer_id: UUID) -> None:
    _move_offer(work, offer_id, "reopened")


def set_tariff(work: Work, offer_id: UUID, *, price_minor: int, from_on: date) -> None:
    """The price of a unit from a day on, today or later. Raises TariffInThePast, TariffDayTaken, NoPriceLimit,
    TariffAboveCeiling, TariffBelowFloor."""
    offer = _own_offer(work, offer_id)
    _add_tariff(work, offer, price_minor=price_minor, from_on=from_on)
    record(work, "offer", offer_id, "tariff-set")


def take(work: Work, offer_id: UUID, *, size: int) -> None:
    """Count ``size`` (in the offer's capacity unit) as taken, in one statement; of many at once only those that fit
    succeed. Raises NoFreePlace. Checks no role and records nothing: both are the caller's, who says what it was for."""
    assert type(size) is int
    assert size > 0
    fits = (OfferRow.status == OfferStatus.OPEN, OfferRow.taken <= OfferRow.capacity - size)
    if not work.update(OfferRow, offer_id, *fits, taken=OfferRow.taken + size):
        raise NoFreePlace(offer_id)


def give_back(work: Work, offer_id: UUID, *, size: int) -> None:
    """Undo :func:`take` for ``size``. Checks no role and records nothing: both are the caller's."""
    assert type(size) is int
    assert size > 0
    was_taken = work.update(OfferRow, offer_id, OfferRow.taken >= size, taken=OfferRow.taken - size)
    assert was_taken, f"offer {offer_id} never had {size} taken"


def _require_own(work: Work, provider_id: UUID, *officers: Role) -> None:
    found = queries.provider(work, provider_id)
    try:
        work.actor.require_provider(provider_id, *officers, territory=found.territory)
    except NotFound:
        raise ProviderNotFound from None  # the very answer an unknown id gets


def _own_offer(work: Work, offer_id: UUID) -> queries.Offer:
    found = queries.offer(work, offer_id)
    try:
        work.actor.require_provider(found.provider_id)
    except NotFound:
        raise OfferNotFound from None
    return found


def _unchanged_since(version: int | None) -> list[sa.ColumnElement[bool]]:
    return [] if version is None else [OfferRow.version == version]


def _check_period(from_on: date, until_on: date | None) -> None:
    if until_on is not None and until_on <= from_on:
        raise Malformed("A period must end after it begins", pointer="/until_on", rule="period")


def _decide(work: Work, provider_id: UUID, verb: str, *, reason: str | None) -> None:
    provider = queries.provider(work, provider_id)
    work.actor.require(Role.PROCUREMENT_OFFICER, territory=provider.territory)
    if provider_id in work.actor.providers():
        raise OwnProvider(rule="not-ones-own-provider")
    check_disinterested(work, frozenset({provider_id}))
    status = ADMISSION.after(verb, provider.status)
    if status is ProviderStatus.ADMITTED:
        _check_admissible(work, provider_id)
    if not work.update(
        ProviderRow,
        provider_id,
        ProviderRow.status == provider.status,
        status=status,
        decided_by=work.actor.id,
        decided_at=work.now,
        decision_reason=reason,
        version=ProviderRow.version + 1,
    ):
        raise StaleVersion(rule="provider-status")
    record(work, "provider", provider_id, verb)


def _check_admissible(work: Work, provider_id: UUID) -> None:
    if queries.licence_on(work, provider_id, work.today) is None:
        raise LicenceMissing(rule="licence-valid-today", pointer="/licences")
    if not queries.service_points(work, provider_id, limit=1):
        raise ServicePointMissing(rule="at-least-one-service-point", pointer="/service_points")


def _add_tariff(work: Work, offer: queries.Offer, *, price_minor: int, from_on: date) -> None:
    check_tariff_day(from_on, work.today)
    check_price(
        work,
        price_minor,
        territory=offer.territory,
        kind=offer.kind,
        setting=offer.setting,
        unit=offer.unit,
        on=from_on,
        held=True,
    )
    if not work.insert_if_new(OfferTariffRow, offer_id=offer.id, from_on=from_on, price_minor=price_minor):
        raise TariffDayTaken(pointer="/from_on", rule="one-price-a-day")


def _move_offer(work: Work, offer_id: UUID, verb: str) -> None:
    offer = _own_offer(work, offer_id)
    status = OPENING.after(verb, offer.status)
    if not work.update(
        OfferRow, offer_id, OfferRow.status == offer.status, status=status, version=OfferRow.version + 1
    ):
        raise StaleVersion(rule="offer-status")
    record(work, "offer", offer_id, verb)
