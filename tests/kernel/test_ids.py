"""The state's identifiers: check digits computed a second time, and every near miss refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from schwifty import IBAN

from contracts.kernel.errors import DomainError, Malformed
from contracts.kernel.ids import birth_date, check_digit, human_number, new_id, parse_bin, parse_iban, parse_iin

GOOD_IIN, GOOD_BIN, GOOD_IBAN = "061211600012", "190540009117", "KZ86125KZT5004100100"
eleven = st.text("0123456789", min_size=11, max_size=11)


def rule_of(error: pytest.ExceptionInfo[DomainError]) -> object:
    return error.value.members["rule"]


def digit_again(eleven_digits: str) -> int | None:
    """The rule in its published words: weights 1 to 11; on ten, weights 3 to 11, 1, 2; on ten again, none."""
    numbers = list(map(int, eleven_digits))
    first = sum(number * (place + 1) for place, number in enumerate(numbers)) % 11
    if first < 10:
        return first
    second = sum(number * ((place + 2) % 11 + 1) for place, number in enumerate(numbers)) % 11
    return second if second < 10 else None


def test_known_numbers_are_valid() -> None:
    assert parse_iin(GOOD_IIN) == GOOD_IIN
    assert str(birth_date(GOOD_IIN)) == "2006-12-11"
    assert parse_bin(GOOD_BIN) == GOOD_BIN
    assert parse_iban(GOOD_IBAN) == GOOD_IBAN


@given(eleven)
def test_the_check_digit_follows_the_published_rule(digits: str) -> None:
    assert check_digit(digits) == digit_again(digits)


@pytest.mark.parametrize(("digits", "last"), [("85010130060", 3), ("85010130061", 5), ("85010130062", 7)])
def test_the_second_pass_of_weights_decides_where_the_first_gives_ten(digits: str, last: int) -> None:
    assert check_digit(digits) == last
    assert parse_iin(f"{digits}{last}")


@pytest.mark.parametrize("digits", ["85010130069", "85010130220"])
def test_a_number_that_gives_ten_twice_has_no_valid_end(digits: str) -> None:
    assert check_digit(digits) is None
    for last in "0123456789":
        with pytest.raises(Malformed):
            parse_iin(digits + last)


@pytest.mark.parametrize("parse", [parse_iin, parse_bin])
@given(last=st.sampled_from("0123456789"), place=st.integers(0, 10), digit=st.sampled_from("0123456789"))
def test_one_wrong_digit_is_noticed(parse: type, last: str, place: int, digit: str) -> None:
    good = GOOD_IIN if parse is parse_iin else GOOD_BIN
    if last != good[-1]:
        with pytest.raises(Malformed) as refused:
            parse(good[:-1] + last)
        assert rule_of(refused) == f"{'iin' if parse is parse_iin else 'bin'}-check-digit"
        assert refused.value.members["errors"] == [
            {"pointer": "/iin" if parse is parse_iin else "/bin", "message": str(refused.value)}
        ]
    changed = good[:place] + digit + good[place + 1 :]
    if digit != good[place] and check_digit(changed[:11]) != int(good[-1]):
        with pytest.raises(Malformed):
            parse(changed)


@pytest.mark.parametrize(
    "text",
    ["", "0" * 12, GOOD_IIN[:-1], GOOD_IIN + "0", f" {GOOD_IIN}", f"{GOOD_IIN}\n", "06121160001O", "٠٦١٢١١٦٠٠٠١٢"],
)
@pytest.mark.parametrize("parse", [parse_iin, parse_bin])
def test_anything_but_twelve_ascii_digits_is_refused(parse: type, text: str) -> None:
    with pytest.raises(Malformed) as refused:
        parse(text)
    assert rule_of(refused) in {"iin-form", "bin-form"}


@given(st.text(max_size=20))
def test_no_text_makes_a_parser_stumble(text: str) -> None:
    for parse in (parse_iin, parse_bin, parse_iban):
        try:
            assert parse(text)
        except Malformed as refused:
            assert refused.members["rule"]  # noqa: PT017 - it may be valid as well


@given(st.dates(), st.sampled_from("123456"), st.integers(0, 9999))
def test_an_iin_tells_the_day_of_birth(day: object, century: str, serial: int) -> None:
    digits = f"{day:%y%m%d}{century}{serial:04d}"
    end = check_digit(digits)
    if end is None:
        return
    century_begins = {"1": 1800, "2": 1800, "3": 1900, "4": 1900, "5": 2000, "6": 2000}[century]
    year = century_begins + int(digits[:2])
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if digits[2:6] == "0229" and not leap:
        with pytest.raises(Malformed) as refused:
            parse_iin(f"{digits}{end}")
        assert rule_of(refused) == "iin-birth-date"
    else:
        assert birth_date(parse_iin(f"{digits}{end}")).year == year


@pytest.mark.parametrize("digits", ["19134000911", "19003000911", "19053000911", "19054400911"])
def test_a_bin_names_a_month_and_a_kind_of_entity(digits: str) -> None:
    end = check_digit(digits)
    assert end is not None
    with pytest.raises(Malformed) as refused:
        parse_bin(f"{digits}{end}")
    assert rule_of(refused) == "bin-form"


@given(
    st.sampled_from(["125", "601", "722", "998"]),
    st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=13, max_size=13),
)
def test_a_generated_iban_is_valid_and_its_neighbours_are_not(bank: str, account: str) -> None:
    iban = str(IBAN.generate("KZ", bank, account))
    assert parse_iban(iban) == iban
    wrong_check = f"KZ{(int(iban[2:4]) + 1) % 100:02d}{iban[4:]}"
    with pytest.raises(Malformed) as refused:
        parse_iban(wrong_check)
    assert rule_of(refused) == "iban-form"


def test_an_account_abroad_is_refused() -> None:
    with pytest.raises(Malformed) as refused:
        parse_iban("DE89370400440532013000")
    assert rule_of(refused) == "iban-country"


def test_our_own_ids_are_ordered_by_time_and_human_numbers_hold_no_confusing_letter() -> None:
    ids = [new_id() for _ in range(100)]
    assert len(set(ids)) == 100
    assert all(i.version == 7 for i in ids)
    for _ in range(100):
        number = human_number("V")
        assert len(number) == 13
        assert not set(number[2:]) & set("ILOU")
