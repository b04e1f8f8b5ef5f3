import pytest

from contracts.kernel.runner import Database
from tests.placement.town import Town, open_town


@pytest.fixture
def town(database: Database) -> Town:
    return open_town(database)
