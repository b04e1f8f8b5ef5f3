"""One office for the tests of a module; each test that spoils it builds its own."""

import pytest

from tests.web.officer.office import Office, build_office
from tests.web.town import Town


@pytest.fixture(scope="module")
def office(hall: Town) -> Office:
    return build_office(hall)
