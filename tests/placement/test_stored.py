"""A complete round keeps what it solved and what came of it: read back, both are the round, and nothing else is."""

import zlib

import numpy as np
import pytest
import sqlalchemy as sa

from contracts.kernel.ids import new_id
from contracts.kernel.work import SYSTEM
from market.placement import stored_queries
from market.placement.columns import Columns, RoundFileBroken, folded, unfolded
from market.placement.proof import check
from market.placement.round import RoundReport, run_round
from market.placement.rules import Policy, RoundNotFound
from market.placement.stored import StoredInstance, StoredResult, instance_columns, instance_of
from market.placement.stored_queries import RoundFileMissing
from tests.placement.province import Province, province

__all__ = ["province"]


def kept(province: Province, report: RoundReport) -> tuple[StoredInstance, StoredResult]:
    instance = province.database.read(SYSTEM, lambda work: stored_queries.stored_instance(work, report.round_id))
    result = province.database.read(SYSTEM, lambda work: stored_queries.stored_result(work, report.round_id))
    return instance, result


def test_a_round_read_back_has_the_arrays_it_was_solved_with_and_its_answer_holds(province: Province) -> None:
    report = run_round(province.database, seed=9, workers=1)
    instance, result = kept(province, report)
    row = province.database.read(SYSTEM, lambda work: stored_queries.round_of(work, report.number))
    assert (row.id, row.instance_sha256) == (report.round_id, instance.sha256)
    for name in ("capacity", "tier", "count", "first_arc", "arc_slot", "arc_cost"):
        assert np.array_equal(getattr(instance.arcs.classes, name), getattr(province.arcs.classes, name))
        assert np.array_equal(getattr(instance.arcs.kin, name), getattr(province.arcs.kin, name))
    assert instance.request == province.census.crowd.request_ids()
    assert instance.offer == province.census.supply.id
    assert np.array_equal(instance.turn, province.census.crowd.turn)
    assert result.solved is not None
    answer = check(instance.arcs, instance.turn, result.solved)
    assert (answer.served_by_tier, answer.cost, answer.status) == (report.served_by_tier, report.cost, "optimal")
    assert result.facts["seed"] == 9
    assert result.facts["versions"].keys() == {"python", "ortools", "numpy", "sqlalchemy"}
    with pytest.raises(RoundNotFound):
        province.database.read(SYSTEM, lambda work: stored_queries.round_of(work, 99))


def test_a_round_in_line_keeps_who_sits_where(province: Province) -> None:
    report = run_round(province.database, policy=Policy.STABLE, seed=9, workers=1)
    instance, result = kept(province, report)
    assert result.solved is None
    assert int((result.taken >= 0).sum()) == report.served
    assert len(instance.request) == report.requests


def test_what_a_round_has_kept_cannot_be_changed_or_removed(province: Province) -> None:
    report = run_round(province.database, workers=1)
    for statement in ("UPDATE round_file SET piece = piece + 9", "DELETE FROM round_file"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), province.database.engine.begin() as connection:
            connection.execute(sa.text(statement))
    assert kept(province, report)[1].solved is not None


def test_half_of_what_a_round_keeps_is_found_broken(province: Province) -> None:
    run_round(province.database, workers=1)
    (whole,) = stored_queries.invariants()
    with province.database.engine.connect() as connection:
        assert connection.execute(whole.checked).scalar() == 1
        assert connection.execute(whole.broken).all() == []
        transaction = connection.begin_nested()
        connection.execute(sa.text("UPDATE matching_round SET status = 'failed'"))
        assert [row[0] for row in connection.execute(whole.broken)] == [1]
        transaction.rollback()


def test_a_round_without_files_says_so(province: Province) -> None:
    with pytest.raises(RoundFileMissing):
        province.database.read(SYSTEM, lambda work: stored_queries.stored_instance(work, new_id()))


def columns() -> Columns:
    numbers = {"small": np.array([1, -2]), "large": np.array([2**40]), "none": np.zeros(0, np.int64)}
    return Columns({"format": "x"}, numbers, {"id": ["00" * 16, "ff" * 16]})


def test_columns_come_back_as_they_went_and_equal_ones_have_equal_bytes() -> None:
    packed, digest = folded(columns())
    back, again = unfolded(packed)
    assert (digest, packed) == (again, folded(columns())[0])
    assert back.head == {"format": "x"}
    assert {name: values.tolist() for name, values in back.numbers.items()} == {
        "small": [1, -2], "large": [2**40], "none": [],
    }  # fmt: skip
    assert back.ids == {"id": ["00" * 16, "ff" * 16]}


def test_a_file_that_is_cut_off_strange_or_of_another_kind_is_refused(province: Province) -> None:
    packed, _ = folded(columns())
    plain = zlib.decompress(packed)
    strange = [packed[:-3], b"", b"no", zlib.compress(b"x" + plain), zlib.compress(plain + b"x"),
               zlib.compress(plain[:-1]), zlib.compress(plain.replace(b"length", b"breadth"))]  # fmt: skip
    for bad in strange:
        with pytest.raises(RoundFileBroken):
            unfolded(bad)
    whole = instance_columns(province.census, province.arcs)
    for broken in (
        Columns({**whole.head, "format": "other"}, whole.numbers, whole.ids),
        Columns({**whole.head, "cost": {"rank_step": 1}}, whole.numbers, whole.ids),
        Columns(whole.head, {k: v for k, v in whole.numbers.items() if k != "kin_list"}, whole.ids),
        Columns(whole.head, {**whole.numbers, "class_kin": whole.numbers["class_kin"] + 10**6}, whole.ids),
        Columns(whole.head, whole.numbers, {**whole.ids, "request": whole.ids["request"][1:]}),
    ):
        with pytest.raises(RoundFileBroken):
            instance_of(broken, "")
