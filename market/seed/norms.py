"""The numbers of the synthetic nation, and the ids of its rows."""

from dataclasses import dataclass

from market.catalogue.rules import CareSetting, Unit

PROGRAMME = "071"
SOURCE = "Шекті бағалар: үлгі деректер, құқықтық акт емес"
UNITS = {  # the unit a setting is counted in, and units a month
    CareSetting.IN_PATIENT: (Unit.PERSON_DAY, 30),
    CareSetting.SEMI_IN_PATIENT: (Unit.PERSON_DAY, 20),
    CareSetting.TEMPORARY_STAY: (Unit.NIGHT, 30),
    CareSetting.HOME: (Unit.VISIT, 8),
}
PRICES = {  # floor and ceiling of a unit in tiyn: a line costs about as much as the founding documents' averages
    CareSetting.IN_PATIENT: (150_00, 450_00),
    CareSetting.SEMI_IN_PATIENT: (200_00, 600_00),
    CareSetting.TEMPORARY_STAY: (150_00, 400_00),
    CareSetting.HOME: (500_00, 1500_00),
}
SPARE = 1.02  # appropriated beyond what the vouchers reserve
WAITED_DAYS = 240  # the longest anybody has waited


@dataclass(frozen=True, slots=True)
class Ids:
    """32 hexadecimal digits each, one list a table."""

    provider: list[str]
    point: list[str]
    offer: list[str]
    recipient: list[str]
    voucher: list[str]
    account: list[str]
    request: list[str]
