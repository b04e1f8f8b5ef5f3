"""The journey up to the first engagement, told to the application itself, without the network."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from market.command.demo import install
from market.seed.desks import Town
from market.seed.journey import Journey
from market.settings import Settings
from tests.web.opening import open_web

Told = tuple[Journey, Settings]


@pytest.fixture
def told(database_url: str, tmp_path: Path) -> Iterator[Told]:
    settings = Settings(tmp_path / "home", database_url, None, None, None)
    api_key, locality = install(settings)
    with open_web(settings) as client:
        town = Town.at(client, api_key)
        journey = Journey(town, locality, town.today().year)
        for part in (
            journey.open_offices, journey.admit_providers, journey.compete, journey.open_offers,
            journey.issue_vouchers, journey.choose,
        ):  # fmt: skip
            part()
        yield journey, settings
