"""What we ourselves say of a payment's trouble can be read back from the text that was kept."""

import pytest

from contracts.collection.doubts import DueDoubt
from contracts.payment.doubts import Doubt, OurWords, read_back


@pytest.mark.parametrize(
    ("doubt", "values"),
    [
        (Doubt.NO_WORD, {"tries": "5"}),
        (Doubt.SECOND_TRANSFER, {"transfer": "tr_2"}),
        (Doubt.SEVERAL_TRANSFERS, {"many": "2", "transfers": "tr_1, tr_2"}),
        (Doubt.OTHER_THAN_ORDERED, {"transfer": "tr_1", "what": "transfer group", "theirs": "None", "ours": "abc"}),
        (Doubt.BACK_IN_PART, {"transfer": "tr_1", "back": "500", "whole": "750"}),
        (Doubt.BACK_BOOKED_IN_PART, {}),
        (Doubt.BACK_BESIDE_ANOTHER, {"payment": "P-XW57E-5GGMG"}),
        (DueDoubt.ANOTHER_OBJECT, {"other": "pi_2"}),
        (DueDoubt.RECEIVED_IN_PART, {"intent": "pi_1", "received": "500", "whole": "90000"}),
        (DueDoubt.SEVERAL, {"many": "2", "objects": "pi_1, pi_2"}),
        (DueDoubt.OTHER_THAN_ASKED, {"object": "re_1", "what": "collection", "theirs": "None", "ours": "abc"}),
    ],
)
def test_each_is_read_back_with_its_values(doubt: OurWords, values: dict[str, str]) -> None:
    assert read_back(doubt.of(**values), Doubt, DueDoubt) == (doubt, values)


@pytest.mark.parametrize("text", ["No such bank account", "The server has 2 transfers", "", "account_invalid: 5 of 7"])
def test_what_the_server_said_is_not_ours(text: str) -> None:
    assert read_back(text, Doubt, DueDoubt) is None
