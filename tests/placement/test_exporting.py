"""Both questions of a stored round leave the house in the exchange format, and whoever reads them finds them proven."""

import pytest

from contracts.kernel.work import SYSTEM, Work
from market.placement.exporting import RoundNotExportable, RoundQuestion, exported
from market.placement.round import run_round
from market.placement.rules import Policy
from market.placement.stored import StoredInstance, StoredResult
from market.placement.stored_queries import round_of, stored_instance, stored_result
from matching import instance_document, parse_instance, parse_result, result_document
from matching.verify import verify
from tests.placement.province import Province, province

__all__ = ["province"]


def kept(province: Province) -> tuple[StoredInstance, StoredResult]:
    def read(work: Work) -> tuple[StoredInstance, StoredResult]:
        found = round_of(work, 1)
        instance = stored_instance(work, found.id)
        return instance, stored_result(work, found.id, instance)

    return province.database.read(SYSTEM, read)


def test_both_questions_are_proven_to_whoever_reads_the_files(province: Province) -> None:
    report = run_round(province.database, workers=1)
    served = []
    for question in RoundQuestion:
        instance, result = exported(*kept(province), question)
        read = parse_instance(instance_document(instance))
        assert verify(read, parse_result(result_document(result))) is None
        served.append(set(result.assignments))
    assert served[0] == served[1]
    assert len(served[0]) == report.served


def test_a_round_in_line_asks_neither_question(province: Province) -> None:
    run_round(province.database, policy=Policy.STABLE, workers=1)
    with pytest.raises(RoundNotExportable):
        exported(*kept(province), RoundQuestion.WHO)
