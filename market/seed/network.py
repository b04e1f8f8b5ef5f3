"""The network of 2016: 1,019 organisations by type, as the founding documents count them."""

from dataclasses import dataclass

import numpy as np

from contracts.kernel.ids import check_digit
from market.catalogue.rules import CareSetting, ServiceKind
from market.provider.rules import OrganisationType, Sector


@dataclass(frozen=True, slots=True)
class Branch:
    """``count`` organisations of a type, where they care and how many kinds of service each offers."""

    organisation_type: OrganisationType
    count: int
    setting: CareSetting
    kinds: int
    sector: Sector = Sector.STATE


# 110 in-patient + 74 semi-in-patient + 25 adaptation centres + 704 home-care units + 106 NGOs = 1,019
NETWORK = (
    Branch(OrganisationType.GENERAL_HOME, 50, CareSetting.IN_PATIENT, 7),
    Branch(OrganisationType.PSYCHONEUROLOGICAL_HOME, 40, CareSetting.IN_PATIENT, 7),
    Branch(OrganisationType.CHILDREN_LOCOMOTOR_HOME, 2, CareSetting.IN_PATIENT, 8),
    Branch(OrganisationType.CHILDREN_PSYCHONEUROLOGICAL_HOME, 18, CareSetting.IN_PATIENT, 8),
    Branch(OrganisationType.DAY_STAY, 53, CareSetting.SEMI_IN_PATIENT, 7),
    Branch(OrganisationType.REHABILITATION_CENTRE, 21, CareSetting.SEMI_IN_PATIENT, 8),
    Branch(OrganisationType.ADAPTATION_CENTRE, 25, CareSetting.TEMPORARY_STAY, 8),
    Branch(OrganisationType.HOME_CARE_PSYCHONEUROLOGICAL, 141, CareSetting.HOME, 4),
    Branch(OrganisationType.HOME_CARE_ELDERLY, 301, CareSetting.HOME, 4),
    Branch(OrganisationType.HOME_CARE_MIXED, 66, CareSetting.HOME, 6),
    Branch(OrganisationType.HOME_CARE_WITHOUT_BRANCHES, 196, CareSetting.HOME, 4),
    Branch(OrganisationType.NGO, 106, CareSetting.HOME, 5, Sector.NGO),
)
ORGANISATIONS = sum(branch.count for branch in NETWORK)
SETTING_SHARES = {  # of the people, by where they are cared for
    CareSetting.IN_PATIENT: 0.17,
    CareSetting.SEMI_IN_PATIENT: 0.14,
    CareSetting.TEMPORARY_STAY: 0.04,
    CareSetting.HOME: 0.65,
}
KINDS = tuple(ServiceKind)
# how often a programme holds each kind, in the order of KINDS; they add up to about 3.7 lines a person
KIND_SHARES = (0.92, 0.80, 0.52, 0.30, 0.28, 0.42, 0.20, 0.26)


def invent_bins(count: int, generator: np.random.Generator) -> list[str]:
    """Different BINs of resident head organisations with valid check digits."""
    bins: list[str] = []
    taken: set[str] = set()
    while len(bins) < count:
        year, month, serial = generator.integers(0, 24), generator.integers(1, 13), generator.integers(0, 100_000)
        eleven = f"{year:02d}{month:02d}40{serial:05d}"
        digit = check_digit(eleven)
        if digit is not None and eleven not in taken:
            taken.add(eleven)
            bins.append(f"{eleven}{digit}")
    return bins


def scaled(scale: float) -> list[Branch]:
    """The network shrunk or grown, each type keeping at least one organisation."""
    return [Branch(b.organisation_type, max(1, round(b.count * scale)), b.setting, b.kinds, b.sector) for b in NETWORK]
