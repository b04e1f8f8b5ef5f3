import pytest

from contracts.kernel.runner import Database
from tests.contracts.houses import House, build


@pytest.fixture
def house(database: Database) -> House:
    return build(database)
