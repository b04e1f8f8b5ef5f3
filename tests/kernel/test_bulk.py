"""A set of rows written in bulk reads back as if each had been inserted, with the same hash on both databases."""

import hashlib
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa

from contracts.audit.queries import events_of
from contracts.audit.service import record
from contracts.budget.models import FundingLineRow
from contracts.kernel.bulk import bare_id, copy_rows, new_ids, read_in_parts, read_rows
from contracts.kernel.database import table_of
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Work
from market.catalogue.models import IndicatorRow, LocalityRow, TerritoryRow
from market.catalogue.rules import CapacityUnit, CareSetting, Category, Language, ServiceKind, Unit
from market.placement.models import RoundRow
from market.placement.rules import Policy, RoundStatus
from market.provider.models import OfferRow, ProviderRow, ServicePointRow
from market.provider.rules import OfferStatus, OrganisationType, ProviderStatus, Sector
from market.recipient.models import RecipientRow

AT = datetime(2026, 3, 1, 4, 5, 6, 789, tzinfo=UTC)
TERRITORY = ("750000000", "KZ-75", "Алматы", "Алматы", "Almaty")
TERRITORY_COLUMNS = ("code", "iso", "name_kk", "name_ru", "name_en")
ID = UUID("01890a5d-ac96-774b-bcce-b302099a8057")


def places(work: Work) -> None:
    copy_rows(work, TerritoryRow, TERRITORY_COLUMNS, [TERRITORY])
    copy_rows(
        work,
        LocalityRow,
        ("id", "name", "territory", "latitude", "longitude", "population", "kato"),
        [(n, f"Tab\there, line\nbreak, back\\slash {n}", TERRITORY[0], 43.25, 76.9 + n / 3, 10, None) for n in (1, 2)],
    )


OFFER = {
    "id": new_ids(1)[0], "number": "O-1", "provider_id": ID.hex, "service_point_id": ID, "territory": TERRITORY[0],
    "kind": ServiceKind.LEGAL, "setting": CareSetting.HOME, "unit": Unit.HOUR, "capacity_unit": CapacityUnit.PLACES,
    "capacity": 9, "taken": 2, "categories": [Category.ELDERLY, 'a "quoted" \\ one\twith tab'],
    "languages": [Language.KAZAKH], "radius_m": None, "status": OfferStatus.OPEN, "version": 1,
}  # fmt: skip
RECIPIENT = {
    "id": ID, "number": "R-1", "iin_hmac": bytes(range(32)), "iin_sealed": b"\\\t\n\x00", "name_sealed": b"",
    "address_sealed": b"\xff", "territory": TERRITORY[0], "locality_id": 1, "latitude": 43.123, "longitude": -0.1,
    "category": Category.ELDERLY, "tier": 3, "language": Language.RUSSIAN, "registered_at": AT,
    "died_on": date(2026, 2, 3), "synthetic": True, "version": 1,
}  # fmt: skip


def test_every_kind_of_column_reads_back_as_it_was_written(database: Database) -> None:
    provider = (ID, "P-1", "1" * 12, "Жылы үй", Sector.NGO, OrganisationType.NGO, TERRITORY[0])

    def write(work: Work) -> None:
        places(work)
        columns = ("id", "number", "bin", "name", "sector", "organisation_type", "territory")
        rest = ("status", "registered_at", "version")
        copy_rows(work, ProviderRow, columns + rest, [(*provider, ProviderStatus.ADMITTED, AT, 1)])
        point = (ID, ID, "Main", 1, TERRITORY[0], 43.25, 76.9, "Abay 1")
        copy_rows(work, ServicePointRow, [c.name for c in ServicePointRow.__table__.c], [point])
        copy_rows(work, OfferRow, list(OFFER), [tuple(OFFER.values())])
        copy_rows(work, RecipientRow, list(RECIPIENT), [tuple(RECIPIENT.values())])
        record(work, "test", "bulk", "copied")

    database.write(SYSTEM, write)
    read = database.read(SYSTEM, lambda w: w.rows(sa.select(OfferRow.__table__))[0]._asdict())
    assert read == {**OFFER, "id": UUID(str(OFFER["id"])), "provider_id": ID}
    read = database.read(SYSTEM, lambda w: w.rows(sa.select(RecipientRow.__table__))[0]._asdict())
    assert read == RECIPIENT
    names = database.read(SYSTEM, lambda w: [row.name for row in w.rows(sa.select(LocalityRow.name))])
    assert names == ["Tab\there, line\nbreak, back\\slash 1", "Tab\there, line\nbreak, back\\slash 2"]


def test_the_event_keeps_count_and_hash_the_same_on_both_databases(database: Database) -> None:
    def write(work: Work) -> None:
        places(work)
        record(work, "test", "bulk", "copied")

    database.write(SYSTEM, write)
    (event,) = database.read(SYSTEM, lambda w: events_of(w, "test", "bulk"))
    line = "{n}\tTab\\there, line\\nbreak, back\\\\slash {n}\t750000000\t43.25\t{east}\t10\t\\N\n"
    lines = "".join(line.format(n=n, east=76.9 + n / 3) for n in (1, 2))
    assert hashlib.sha256(lines.encode()).hexdigest() in event.body
    assert '"count":2' in event.body


def test_more_rows_than_a_batch_are_drawn_from_an_iterator_and_read_back_in_order(database: Database) -> None:
    ids = new_ids(25_001)

    def write(work: Work) -> int:
        rows = ((i, f"I-{n}", n, "KZT", date(2026, 1, 1), date(2027, 1, 1), "law") for n, i in enumerate(ids))
        columns = ("id", "code", "value", "unit", "from_on", "until_on", "source")
        count = copy_rows(work, IndicatorRow, columns, rows)
        record(work, "test", "bulk", "copied")
        return count

    assert database.write(SYSTEM, write) == 25_001
    rows = database.read(
        SYSTEM,
        lambda w: read_rows(
            w, sa.select(bare_id(w, IndicatorRow.id), IndicatorRow.value).order_by(IndicatorRow.id.asc())
        ),
    )
    assert [row[0] for row in rows] == ids
    assert [row[1] for row in rows] == list(range(25_001))


def test_what_is_not_there_in_some_rows_of_a_batch_is_not_there_when_read(database: Database) -> None:
    seen = (  # since when, until when, and how far north
        ("1969-12-31T23:59:59.999999+05:00", None, 43.1),
        ("1999-12-31T23:59:59.999999+00:00", date(1999, 12, 31), -0.0),
        ("2026-03-01T00:00:00+00:00", None, 1e-300),
        ("9999-12-31T00:00:00+00:00", date(2000, 1, 1), 90.0),
    )
    told = []
    for n, (at, died_on, north) in enumerate(seen):
        own = {"id": UUID(new_ids(1)[0]), "number": f"R-{n}", "iin_hmac": bytes([n]) * 32}
        told.append(
            RECIPIENT | own | {"registered_at": datetime.fromisoformat(at), "died_on": died_on, "latitude": north}
        )

    def write(work: Work) -> None:
        places(work)
        copy_rows(work, RecipientRow, list(RECIPIENT), [tuple(row.values()) for row in told])
        record(work, "test", "bulk", "copied")

    database.write(SYSTEM, write)
    by_number = sa.select(RecipientRow.__table__).order_by(RecipientRow.number)
    assert database.read(SYSTEM, lambda w: [row._asdict() for row in w.rows(by_number)]) == told


def test_nothing_to_copy_notes_nothing(database: Database) -> None:
    assert database.write(SYSTEM, lambda w: copy_rows(w, FundingLineRow, ("id",), [])) == 0


def test_a_row_that_breaks_a_constraint_takes_the_whole_set_with_it(database: Database) -> None:
    columns = ("id", "number", "territory", "policy", "seed", "time_limit_seconds", "status", "requested_at")

    def write(work: Work) -> None:
        rows = [(i, 7, "", Policy.WELFARE, 1, 1, RoundStatus.RUNNING, AT) for i in new_ids(2)]
        copy_rows(work, RoundRow, columns, rows)
        record(work, "test", "bulk", "copied")

    with pytest.raises(sa.exc.IntegrityError):
        database.write(SYSTEM, write)
    assert database.read(SYSTEM, lambda w: w.rows(sa.select(RoundRow.id))) == []


def test_bulk_ids_are_version_7_rising_and_distinct() -> None:
    ids = new_ids(70_000)
    assert ids == sorted(ids)
    assert len(set(ids)) == 70_000
    assert {UUID(i).version for i in ids} == {7}
    assert {UUID(i).variant for i in ids} == {"specified in RFC 4122"}


def test_rows_read_in_parts_are_all_of_them_in_their_order(database: Database) -> None:
    def load(work: Work) -> None:
        places(work)
        record(work, "test", ID, "loaded")

    database.write(SYSTEM, load)
    ids = table_of(LocalityRow).c.id
    columns = [sa.literal(n).label(f"n{n}") for n in range(3)]

    def read(work: Work) -> list[list[object]]:
        statement = sa.union_all(*(sa.select(ids, *columns).where(ids == n) for n in (2, 1, 2, 1, 2)))
        return [[tuple(row) for row in part] for part in read_in_parts(work, statement, 2)]

    rows = [(n, 0, 1, 2) for n in (2, 1, 2, 1, 2)]
    assert database.read(SYSTEM, read) == [rows[:2], rows[2:4], rows[4:]]
    nobody = sa.select(ids).where(ids < 0)
    assert database.read(SYSTEM, lambda work: list(read_in_parts(work, nobody, 2))) == []
