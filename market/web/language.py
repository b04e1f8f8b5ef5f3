"""The reader's language: Kazakh, Russian or English. Sentences go through ``_``, for catalogues to come."""

import csv
from functools import lru_cache
from pathlib import Path

from market.web.work import WebRequest

LANGUAGES = ("kk", "ru", "en")
NATIVE_NAMES = {"kk": "Қазақша", "ru": "Русский", "en": "English"}
SPOKEN_BY_DEFAULT = "en"
LOCALES = Path(__file__).resolve().parent.parent / "locales"


def _(sentence: str) -> str:
    """Marks a sentence for translation."""
    return sentence


def language_of(request: WebRequest) -> str:
    """``?lang=`` decides, then the browser's order of preference."""
    asked = request.query_params.get("lang")
    if asked in LANGUAGES:
        return str(asked)
    preferred = sorted(_weighed(request.headers.get("accept-language", "")), key=lambda item: -item[1])
    return next((tag for tag, weight in preferred if tag in LANGUAGES and weight > 0), SPOKEN_BY_DEFAULT)


def _weighed(header: str) -> list[tuple[str, float]]:
    """``ru-RU,ru;q=0.9`` as language and weight; what cannot be read weighs nothing."""
    found = []
    for item in header[:200].split(","):
        tag, _sep, weight = item.partition(";q=")
        try:
            found.append((tag.strip().lower().partition("-")[0], float(weight) if weight else 1.0))
        except ValueError:
            continue
    return found


@lru_cache(maxsize=1)
def problem_titles() -> dict[str, dict[str, str]]:
    """Titles of problems by code and language, beside the English ones in the code."""
    with (LOCALES / "problems.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: {"kk": row["kk"], "ru": row["ru"]} for row in csv.DictReader(file)}
