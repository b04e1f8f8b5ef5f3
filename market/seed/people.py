"""Synthetic people: IINs with valid check digits, names, ages and categories. The same seed gives the same people.

Shares: by sex and age as the care needs them (most recipients are old), categories and tiers as the founding documents'
counts of 2015-2016 suggest; they are assumptions for a synthetic nation, not statistics.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from market.catalogue.rules import Category

FAMILY = (
    "Ахметов", "Омаров", "Ибраев", "Сериков", "Нурланов", "Қасымов", "Жұмабаев", "Смағұлов", "Әбдірахманов",
    "Тілеубаев", "Оспанов", "Ермеков", "Байжанов", "Сүлейменов", "Мұхамедов", "Иванов", "Петров", "Ким", "Шевченко",
    "Соколов",
)  # fmt: skip
WOMEN = (
    "Айгүл", "Гүлнар", "Сәуле", "Жанар", "Майра", "Роза", "Бақыт", "Күләш", "Зәуре", "Алма",
    "Нина", "Валентина", "Ольга", "Людмила", "Тамара",
)  # fmt: skip
MEN = (
    "Ерлан", "Марат", "Серік", "Болат", "Қайрат", "Асқар", "Нұрлан", "Талғат", "Әділ", "Жомарт",
    "Виктор", "Александр", "Сергей", "Юрий", "Николай",
)  # fmt: skip
CATEGORIES = tuple(Category)
CATEGORY_SHARES = (0.07, 0.04, 0.16, 0.24, 0.42, 0.07)
TIER_SHARES = (0.08, 0.22, 0.40, 0.30)  # 0 most urgent
_AGES = {  # youngest and oldest, in years
    Category.CHILD_PSYCHONEUROLOGICAL: (2, 17),
    Category.CHILD_LOCOMOTOR: (2, 17),
    Category.ADULT_PSYCHONEUROLOGICAL: (19, 70),
    Category.DISABILITY_1_2: (19, 80),
    Category.ELDERLY: (63, 97),
    Category.DIFFICULT_SITUATION: (19, 75),
}
_FIRST = np.array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], dtype=np.int64)
_SECOND = np.array([3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2], dtype=np.int64)
_NO_DIGIT = 10
_CENTURY = 2000


@dataclass(frozen=True, slots=True)
class People:
    """Arrays and lists of one length."""

    iin: list[str]
    name: list[str]
    category: NDArray[np.int64]  # index into CATEGORIES
    tier: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.iin)


def invent(count: int, today: date, generator: np.random.Generator) -> People:
    """``count`` people with different IINs."""
    category = generator.choice(len(CATEGORIES), size=count, p=CATEGORY_SHARES)
    youngest = np.array([_AGES[c][0] for c in CATEGORIES])[category]
    oldest = np.array([_AGES[c][1] for c in CATEGORIES])[category]
    days = (generator.uniform(youngest + 0.1, oldest + 0.9) * 365.25).astype(np.int64)
    born = np.datetime64(today) - days.astype("timedelta64[D]")
    woman = generator.random(count) < np.where(category == CATEGORIES.index(Category.ELDERLY), 0.68, 0.5)
    family = generator.integers(len(FAMILY), size=count)
    given = generator.integers(len(WOMEN), size=count)
    names = [
        f"{FAMILY[f]}{'а' if w and FAMILY[f].endswith(('ов', 'ев')) else ''} {(WOMEN if w else MEN)[g]}"
        for f, g, w in zip(family.tolist(), given.tolist(), woman.tolist(), strict=True)
    ]
    return People(_iins(born, woman, generator), names, category, generator.choice(4, size=count, p=TIER_SHARES))


def _iins(born: NDArray[np.datetime64], woman: NDArray[np.bool_], generator: np.random.Generator) -> list[str]:
    """Different numbers with valid check digits; serials without one, or taken already, are drawn again."""
    found: dict[int, str] = {}
    taken: set[str] = set()
    todo = np.arange(len(born))
    while len(todo):
        digits = _digits(born[todo], woman[todo], generator.integers(10_000, size=len(todo)))
        check = (digits @ _FIRST) % 11
        second = (digits @ _SECOND) % 11
        check = np.where(check == _NO_DIGIT, second, check)
        again = []
        for index, row, last in zip(todo.tolist(), digits.tolist(), check.tolist(), strict=True):
            iin = "".join(map(str, row)) + str(last)
            if last == _NO_DIGIT or iin in taken:
                again.append(index)
            else:
                taken.add(iin)
                found[index] = iin
        todo = np.array(again, dtype=np.int64)
    return [found[i] for i in range(len(born))]


def _digits(born: NDArray[np.datetime64], woman: NDArray[np.bool_], serial: NDArray[np.int64]) -> NDArray[np.int64]:
    """Eleven digits a row: YYMMDD, century and sex, four of serial."""
    months = born.astype("datetime64[M]")
    year = months.astype("datetime64[Y]").astype(np.int64) + 1970
    month = months.astype(np.int64) % 12 + 1
    day = (born - months.astype("datetime64[D]")).astype(np.int64) + 1
    seventh = np.where(year < _CENTURY, 3, 5) + woman
    parts = [(year // 10) % 10, year % 10, month // 10, month % 10, day // 10, day % 10, seventh]
    parts += [(serial // 10**power) % 10 for power in (3, 2, 1, 0)]
    return np.stack(parts, axis=1).astype(np.int64)
