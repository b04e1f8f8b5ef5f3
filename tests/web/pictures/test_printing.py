"""What the typesetter makes of values: every letter of ours, the same bytes each time, and never nothing at all."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from contracts.act.editions import Signature
from contracts.act.pricing import Collector, VatMode, cost_of
from contracts.act.rules import Act, ActLine, ActStatus, LineOf, Side
from contracts.kernel.period import Month
from market.catalogue.rules import CareSetting, ServiceKind, Unit
from market.voucher.rules import Voucher, VoucherStatus
from market.web.pictures import act_sheet as acts
from market.web.pictures.act_sheet import Parties, act_sheet, quantity_of
from market.web.pictures.job import Sheet
from market.web.pictures.printing import Printer, qr_code
from market.web.pictures.queries import ServedLine
from market.web.pictures.voucher_sheet import voucher_sheet
from tests.web.pictures.pdf_text import Pdf

LETTERS = "АаӘәБбВвГгҒғДдЕеЁёЖжЗзИиЙйКкҚқЛлМмНнҢңОоӨөПпРрСсТтУуҰұҮүФфХхҺһЦцЧчШшЩщЪъЫыІіЬьЭэЮюЯя₸№«»—0123456789"
ID = UUID(int=7)
NOON = datetime(2026, 4, 2, 7, tzinfo=UTC)
VOUCHER = Voucher(
    ID, "V-7K3M9-QXT0B", ID, ID, "710000000", ServiceKind.DOMESTIC, CareSetting.HOME, Unit.VISIT, 8, 1, 300_000,
    date(2026, 3, 3), date(2026, 7, 1), None, VoucherStatus.ISSUED, ID, ID, NOON, None, None, None, None,
)  # fmt: skip
HOURS = ActLine(ID, ID, ID, ID, "domestic", "home", "hour", LineOf.VISITS, 3, 3, 5_400, 250_000, 375_000, 0,
                None, None, None, 0, 0, 375_000)  # fmt: skip
VISITS = replace(HOURS, unit="visit", quantity=4, unit_price_minor=100_000, cost_minor=400_000, amount_minor=400_000)
ACT = Act(
    ID, "C-1/2026-03", ID, ID, "710000000", ID, Month(2026, 3), 0, None, ActStatus.SUBMITTED, VatMode.EXEMPT, 0,
    Collector.AGENCY, 775_000, ID, NOON, ID, NOON, None, None, None, None, None, 1, 1,
)  # fmt: skip
PARTIES = Parties("«Жылы үй»", "190540009117", "Астана қаласы", "C-1", date(2026, 1, 5))
SERVED = {ID: ServedLine(ID, "R-ABCDE-12345", date(2026, 3, 2), date(2026, 3, 30))}


@pytest.fixture(scope="module")
def printer() -> Printer:
    return Printer()


def on_paper(name: str) -> Sheet:
    return voucher_sheet(
        "kk", VOUCHER, holder="R-1", holder_name=name, today=NOON.date(), address="https://x.kz/check/V"
    )


def test_every_letter_of_three_languages_can_be_read_back(printer: Printer) -> None:
    text = Pdf.read(printer.set(on_paper(LETTERS))).text()
    assert LETTERS in "".join(text.split()), "a long word may go on in the next line"


def test_the_same_values_make_the_same_document(printer: Printer) -> None:
    assert printer.set(on_paper("Айгерім")) == Printer().set(on_paper("Айгерім"))


def test_a_name_with_signs_we_have_not_still_gets_its_document(printer: Printer) -> None:
    made = printer.set(on_paper("漢字 Айгерім"))
    assert made.startswith(b"%PDF")
    assert b"pdfaid" not in made, "it does not claim to meet the archive's standard"
    assert "Айгерім" in Pdf.read(made).text()


def test_values_are_never_read_as_source(printer: Printer) -> None:
    wicked = '#panic("x") $1+1$ *bold* @ref \\ "quoted" // gone'
    text = Pdf.read(printer.set(on_paper(wicked))).text()
    assert wicked in text


def test_the_code_is_square_and_keeps_its_quiet_border() -> None:
    code = qr_code("https://tapsyrys.example/check/V-7K3M9-QXT0B")
    assert 'width="37" height="37"' in code or 'width="41" height="41"' in code
    assert code == qr_code("https://tapsyrys.example/check/V-7K3M9-QXT0B")
    assert code != qr_code("https://tapsyrys.example/check/V-7K3M9-QXT0C")


def test_the_code_holds_no_word_about_the_person() -> None:
    sheet = on_paper("Айгерім")
    assert sheet.qr == "https://x.kz/check/V"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"status": VoucherStatus.REVOKED}, "taken back"),
        ({"status": VoucherStatus.CLOSED}, "are over"),
        ({"until_on": date(2026, 4, 2)}, "are over"),
        ({"holder_died_on": date(2026, 4, 1)}, "are over"),
        ({}, None),
    ],
)
def test_a_voucher_that_is_not_valid_says_so(change: dict[str, object], words: str | None) -> None:
    voucher = replace(VOUCHER, **change)  # type: ignore[arg-type]  # a field of the voucher
    sheet = voucher_sheet("en", voucher, holder="R-1", holder_name=None, today=NOON.date(), address="x")
    note = sheet.values["note"]
    assert note is None if words is None else words in note


def test_hours_are_told_by_the_second_and_multiply_to_their_cost() -> None:
    assert quantity_of(HOURS) == Decimal("1.5")
    assert quantity_of(VISITS) == 4
    assert cost_of("hour", HOURS.unit_price_minor, quantity=3, seconds=5_400) == HOURS.amount_minor


def test_services_are_told_by_kind_and_price_and_the_annex_by_person(printer: Printer) -> None:
    lines = [HOURS, VISITS, replace(VISITS, cost_minor=0, amount_minor=0, quantity=0)]
    sheet = act_sheet("en", ACT, lines, PARTIES, SERVED)
    assert [row[4:] for row in sheet.values["lines"]] == [
        ["1.5", "2,500\N{NO-BREAK SPACE}₸", "3,750\N{NO-BREAK SPACE}₸"],
        ["4", "1,000\N{NO-BREAK SPACE}₸", "4,000\N{NO-BREAK SPACE}₸"],
    ]
    assert len(sheet.values["annex_lines"]) == 3
    assert sheet.values["total"][-1] == "7,750\N{NO-BREAK SPACE}₸"
    assert "02.03.2026 – 30.03.2026" in Pdf.read(printer.set(sheet)).text()


def test_what_lies_between_cost_and_total_is_told_so_that_the_column_adds_up() -> None:
    line = replace(VISITS, deducted_minor=100_000, vat_minor=48_000, copayment_minor=50_000, amount_minor=298_000)
    act = replace(ACT, vat_mode=VatMode.ADDED, vat_rate_bp=1600, collector=Collector.PROVIDER, total_minor=298_000)
    mark = Signature(ID, ID, Side.PROVIDER, "061211600012", "ab" * 32, "cd" * 32, ID, NOON, "Жұмабай А.")
    parties = replace(PARTIES, corrects="C-1/2026-02", signatures=[mark], fingerprint="ef" * 32, address="https://x/c")
    values = act_sheet("en", act, [line], parties, SERVED).values
    assert [row[-1] for row in values["lines"]] == [
        f"{figure}\N{NO-BREAK SPACE}₸" for figure in ("4,000", "-1,000", "480", "-500")
    ]
    assert values["total"][-1] == "2,980\N{NO-BREAK SPACE}₸"
    told = " ".join(cell for row in values["parties"] for cell in row)
    for fact in ("C-1/2026-02", "16 %", "Жұмабай А., 061211600012", "https://x/c (efefefefefefefef)"):
        assert fact in told


def test_a_line_of_which_every_visit_was_struck_has_no_days() -> None:
    sheet = act_sheet("en", ACT, [HOURS], PARTIES, {})
    assert sheet.values["lines"][0][2] == ""


def test_an_annex_too_long_for_paper_is_kept_electronically(printer: Printer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acts, "MAX_PRINTED", 1)
    sheet = act_sheet("en", ACT, [HOURS, VISITS], PARTIES, SERVED)
    text = Pdf.read(printer.set(sheet)).text()
    assert "kept electronically" in text
    assert "R-ABCDE-12345" not in text
    assert "3,750" in text


@pytest.mark.parametrize("status", ActStatus)
def test_an_act_says_how_far_it_has_come(status: ActStatus) -> None:
    returned = replace(ACT, status=status, return_reason="one visit too many")
    note = act_sheet("en", returned, [HOURS], PARTIES, SERVED).values["note"]
    if status is ActStatus.ACCEPTED:
        assert note is None
    else:
        assert {"draft": "Draft", "submitted": "not accepted", "returned": "one visit too many"}[status] in note
