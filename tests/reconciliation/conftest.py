"""A treasury whose payments go through the bank's files."""

from uuid import UUID

import pytest

from contracts.kernel.calendar import civil_date
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM
from tests.payment.houses import line_with_money
from tests.reconciliation.bank import Bank
from tests.reconciliation.houses import treasury_by_file


@pytest.fixture
def line(database: Database) -> UUID:
    return line_with_money(database)


@pytest.fixture
def treasury(database: Database) -> UUID:
    return treasury_by_file(database)


@pytest.fixture
def bank(database: Database, treasury: UUID) -> Bank:
    assert treasury
    return Bank(day=database.read(SYSTEM, lambda work: civil_date(work.now)))
