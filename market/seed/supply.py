"""Who could serve: price limits, organisations, licences, service points, payees, offers - in bulk."""

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

import numpy as np

from contracts.audit.service import record
from contracts.kernel.bulk import copy_rows, new_ids
from contracts.kernel.work import Work
from contracts.payee.models import PayeeRow, PayeeVersionRow
from contracts.payee.rules import VersionStatus
from market.catalogue.rules import CapacityUnit, CareSetting, Language
from market.provider.models import LicenceRow, OfferRow, OfferTariffRow, ProviderRow, ServicePointRow
from market.provider.rules import OfferStatus, ProviderStatus
from market.seed.naming import address_of, name_of
from market.seed.nation import HOME_RADIUS_M, Nation, categories_of
from market.seed.network import KINDS
from market.seed.norms import PRICES, SOURCE, UNITS, Ids
from market.tariff import service as tariff

PRICE_STEP = 10_00


def set_price_limits(work: Work) -> None:
    for setting, (floor, ceiling) in PRICES.items():
        for kind in KINDS:
            tariff.set_price_limit(
                work, territory="", kind=kind, setting=setting, unit=UNITS[setting][0], floor_minor=floor,
                ceiling_minor=ceiling, from_on=date(work.today.year, 1, 1), until_on=date(work.today.year + 2, 1, 1),
                source=SOURCE,
            )  # fmt: skip


def jitter(generator: np.random.Generator, values: Sequence[float]) -> list[float]:
    """Some 1-2 km around the middle of a locality, rounded to about 100 m."""
    spread = np.array(values) + generator.normal(0.0, 0.012, size=len(values))
    return [round(v, 3) for v in spread.tolist()]


def load_providers(work: Work, nation: Nation, ids: Ids, generator: np.random.Generator) -> None:
    place = nation.organisation_place.tolist()
    home = [nation.places.territory[p] for p in place]
    latitude = jitter(generator, nation.places.latitude[nation.organisation_place].tolist())
    longitude = jitter(generator, nation.places.longitude[nation.organisation_place].tolist())
    begun = date(work.today.year - 1, 1, 1)
    everyone = range(len(nation.branch))
    names = [name_of(branch.organisation_type, serial) for serial, branch in enumerate(nation.branch)]
    copy_rows(work, ProviderRow, (
        "id", "number", "bin", "name", "sector", "organisation_type", "territory", "status", "registered_at",
        "decided_at", "version",
    ), ((
        ids.provider[i], f"O-{i + 1:05d}", nation.organisation_bin[i], names[i], nation.branch[i].sector,
        nation.branch[i].organisation_type, home[i], ProviderStatus.ADMITTED, work.now, work.now, 1,
    ) for i in everyone))  # fmt: skip
    copy_rows(work, LicenceRow, ("id", "provider_id", "number", "from_on", "until_on"), (
        (one, ids.provider[i], f"SSS-{i + 1:05d}", begun, date(begun.year + 5, 1, 1))
        for i, one in enumerate(new_ids(len(names)))
    ))  # fmt: skip
    copy_rows(work, ServicePointRow, (
        "id", "provider_id", "name", "locality_id", "territory", "latitude", "longitude", "address",
    ), ((
        ids.point[i], ids.provider[i], names[i], int(nation.places.id[place[i]]), home[i], latitude[i], longitude[i],
        address_of(i),
    ) for i in everyone))  # fmt: skip
    _payees(work, nation, ids, names)
    _offers(work, nation, ids, home, generator)
    record(work, "seed", "providers", "loaded")


def _payees(work: Work, nation: Nation, ids: Ids, names: list[str]) -> None:
    payee = new_ids(len(names))
    copy_rows(work, PayeeRow, ("id", "provider_id", "bin"), zip(
        payee, ids.provider, nation.organisation_bin, strict=True
    ))  # fmt: skip
    copy_rows(work, PayeeVersionRow, (
        "id", "payee_id", "version", "legal_name", "iban", "status", "requested_by", "requested_at",
    ), ((
        one, payee[i], 1, names[i], _iban(i), VersionStatus.ACTIVE, UUID(int=0), work.now,
    ) for i, one in enumerate(new_ids(len(names)))))  # fmt: skip


def _iban(serial: int) -> str:
    """A valid account number at a bank code of the country; the account is invented."""
    account = f"125KZT{serial:010d}"[:16]
    digits = "".join(str(int(sign, 36)) for sign in f"{account}KZ00")
    return f"KZ{98 - int(digits) % 97:02d}{account}"


def _offers(work: Work, nation: Nation, ids: Ids, home: list[str], generator: np.random.Generator) -> None:
    owner, kind, capacity = (axis.tolist() for axis in (
        nation.offer_organisation, nation.offer_kind, nation.offer_capacity,
    ))  # fmt: skip
    price = []
    for o in owner:
        floor, ceiling = PRICES[nation.branch[o].setting]
        price.append(floor + PRICE_STEP * int(generator.integers((ceiling - floor) // PRICE_STEP + 1)))
    languages = [[Language.KAZAKH, Language.RUSSIAN], [Language.KAZAKH]]
    spoken = generator.choice(2, size=len(owner), p=[0.8, 0.2]).tolist()

    def rows() -> Iterator[tuple[object, ...]]:
        for i, o in enumerate(owner):
            branch = nation.branch[o]
            yield (
                ids.offer[i], f"F-{i + 1:06d}", ids.provider[o], ids.point[o], home[o], KINDS[kind[i]], branch.setting,
                UNITS[branch.setting][0], CapacityUnit.PLACES, capacity[i], 0, list(categories_of(branch)),
                languages[spoken[i]], HOME_RADIUS_M if branch.setting is CareSetting.HOME else None, OfferStatus.OPEN,
                1,
            )  # fmt: skip

    copy_rows(work, OfferRow, (
        "id", "number", "provider_id", "service_point_id", "territory", "kind", "setting", "unit", "capacity_unit",
        "capacity", "taken", "categories", "languages", "radius_m", "status", "version",
    ), rows())  # fmt: skip
    copy_rows(work, OfferTariffRow, ("offer_id", "from_on", "price_minor"), (
        (one, date(work.today.year, 1, 1), price[i]) for i, one in enumerate(ids.offer)
    ))  # fmt: skip
