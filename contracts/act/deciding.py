"""An officer decides on single lines: takes something off with a reason, rejects a line, or puts it back."""

from typing import Any  # column values, as Work.update takes them
from uuid import UUID

from contracts.act import dated, queries
from contracts.act.models import ActLineRow
from contracts.act.pricing import BASIS_POINTS, Priced, priced, share_of
from contracts.act.rules import (
    Act,
    ActLine,
    DeductionCode,
    DeductionWrong,
    LineNotFound,
    check_reason,
    check_second_person,
    check_submitted,
)
from contracts.act.service import change, for_officer, person
from contracts.audit.service import record
from contracts.kernel.work import Work


def deduct(
    work: Work,
    act_id: UUID,
    line_id: UUID,
    *,
    amount_minor: int,
    code: DeductionCode,
    note: str,
    version: int | None = None,
) -> None:
    """So much of a line's cost is not accepted; all of it: the line is rejected. Once more replaces the first.

    Raises ActNotSubmitted, SecondPersonNeeded, LineNotFound, DeductionWrong, ReasonMissing, StaleVersion.
    """
    act, line = _on_the_desk(work, act_id, line_id, version)
    if not 0 < amount_minor <= line.cost_minor:
        raise DeductionWrong(pointer="/amount", rule="within-the-line", cost_minor=line.cost_minor)
    _rewrite(work, act, line, amount_minor, code, check_reason(note))
    record(work, "act", act_id, "line-reduced" if amount_minor < line.cost_minor else "line-rejected")


def deduct_share(
    work: Work,
    act_id: UUID,
    line_id: UUID,
    *,
    share_bp: int,
    code: DeductionCode,
    note: str,
    version: int | None = None,
) -> None:
    """As :func:`deduct`, so many hundredths of a percent of the cost, rounded half up."""
    if not 0 < share_bp <= BASIS_POINTS:
        raise DeductionWrong(pointer="/percent", rule="within-the-line")
    line = _line(work, act_id, line_id)
    amount = share_of(line.cost_minor, share_bp)
    deduct(work, act_id, line_id, amount_minor=amount, code=code, note=note, version=version)


def restore(work: Work, act_id: UUID, line_id: UUID, *, version: int | None = None) -> None:
    """The whole line stands again. Raises as :func:`deduct`."""
    act, line = _on_the_desk(work, act_id, line_id, version)
    if line.deducted_minor == 0:
        raise DeductionWrong(pointer="/amount", rule="something-taken-off")
    _rewrite(work, act, line, 0, None, None)
    record(work, "act", act_id, "line-restored")


def _on_the_desk(work: Work, act_id: UUID, line_id: UUID, version: int | None) -> tuple[Act, ActLine]:
    act = for_officer(work, act_id, version)
    check_submitted(act)
    check_second_person(act, person(work))
    return act, _line(work, act_id, line_id)


def _line(work: Work, act_id: UUID, line_id: UUID) -> ActLine:
    found = work.find(ActLine, ActLineRow, ActLineRow.id == line_id, ActLineRow.act_id == act_id)
    if found is None:
        raise LineNotFound
    return found


def _rewrite(work: Work, act: Act, line: ActLine, deducted: int, code: DeductionCode | None, note: str | None) -> None:
    """The recipient's part may be as much as it was when the act was assembled, if the lines of the engagement still
    come to it: what one of them no longer asks for, the next one does."""
    left = dated.charges_left(work, act.contract_id, act.month, besides=act.id).get(line.engagement_id, 0)
    by = None if code is None else work.actor.id
    decided = {"deducted_minor": deducted, "deduct_code": code, "deduct_note": note, "deducted_by": by}
    total = act.total_minor
    for one in queries.lines_of_engagement(work, act.id, line.engagement_id):
        is_it = one.id == line.id
        taken = deducted if is_it else one.deducted_minor
        new = priced(one.cost_minor, deducted_minor=taken, vat=act.vat, charge_minor=left, collector=act.collector)
        left -= new.copayment_minor
        total += new.amount_minor - one.amount_minor
        if is_it or new.copayment_minor != one.copayment_minor:
            _write(work, act, one, new, decided if is_it else {})
    change(work, act, total_minor=total)


def _write(work: Work, act: Act, line: ActLine, new: Priced, said: dict[str, Any]) -> None:
    written = work.update(
        ActLineRow,
        line.id,
        ActLineRow.act_id == act.id,
        act_id=act.id,  # a trail that drops the act's lines later must know whose this was
        vat_minor=new.vat_minor,
        copayment_minor=new.copayment_minor,
        amount_minor=new.amount_minor,
        **said,
    )
    assert written, "the act is held"
