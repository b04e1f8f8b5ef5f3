"""Names of invented organisations, as real ones in the country sound (a good word, what it is, a number); streets."""

from market.provider.rules import OrganisationType

WORDS = (
    "Мейірім", "Шапағат", "Жылу", "Қамқор", "Үміт", "Нұр", "Жанашыр", "Сенім", "Ізгілік", "Рақым", "Ақниет", "Бақыт",
    "Береке", "Тірек", "Достық", "Шаңырақ", "Ардагер", "Болашақ", "Жүрек", "Әлем",
)  # fmt: skip
WHAT = {
    OrganisationType.GENERAL_HOME: "жалпы интернат үйі",
    OrganisationType.PSYCHONEUROLOGICAL_HOME: "психоневрологиялық интернат үйі",
    OrganisationType.CHILDREN_LOCOMOTOR_HOME: "балалар интернат үйі",
    OrganisationType.CHILDREN_PSYCHONEUROLOGICAL_HOME: "балалар интернат үйі",
    OrganisationType.DAY_STAY: "күндіз болу орталығы",
    OrganisationType.REHABILITATION_CENTRE: "оңалту орталығы",
    OrganisationType.ADAPTATION_CENTRE: "бейімдеу орталығы",
    OrganisationType.HOME_CARE_PSYCHONEUROLOGICAL: "үйде көмек бөлімшесі",
    OrganisationType.HOME_CARE_ELDERLY: "үйде көмек бөлімшесі",
    OrganisationType.HOME_CARE_MIXED: "үйде көмек бөлімшесі",
    OrganisationType.HOME_CARE_WITHOUT_BRANCHES: "үйде көмек бөлімшесі",
    OrganisationType.NGO: "қоғамдық қоры",
}
STREETS = ("Абай", "Абылай хан", "Әуезов", "Бейбітшілік", "Гагарин", "Достық", "Ерубаев", "Сәтбаев", "Тәуелсіздік")


def name_of(kind: OrganisationType, serial: int) -> str:
    """``serial`` counts from 0; no two names are equal."""
    return f"«{WORDS[serial % len(WORDS)]}» {WHAT[kind]} № {serial + 1}"


def address_of(serial: int) -> str:
    """Of a street that every town has."""
    return f"{STREETS[serial % len(STREETS)]} көшесі, {serial % 97 + 1}"
