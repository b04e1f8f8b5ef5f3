"""Parameters as they come over the wire."""

import pytest

from market.peer.errors import ApiError
from market.peer.forms import AMOUNT, MAX_DEPTH, METADATA, Field, boolean, check, group, many, parse, text


@pytest.mark.parametrize(
    ("encoded", "parameters"),
    [
        ("", {}),
        ("amount=1&currency=kzt", {"amount": "1", "currency": "kzt"}),
        ("a%5Bb%5D%5Bc%5D=1&a[d]=2", {"a": {"b": {"c": "1"}, "d": "2"}}),
        ("types[]=x&types[]=y", {"types": {"0": "x", "1": "y"}}),
        ("types[0]=x&types[1]=y", {"types": {"0": "x", "1": "y"}}),
        ("name=%D2%AE%D0%B9+1", {"name": "Үй 1"}),
        ("a=1&a=2", {"a": "2"}),
        ("empty=", {"empty": ""}),
    ],
)
def test_brackets_nest(encoded: str, parameters: dict[str, object]) -> None:
    assert parse(encoded) == parameters


@pytest.mark.parametrize(
    "encoded",
    ["noequals", "a=1&a[b]=2", "a[b=1", "&".join(f"p{n}=1" for n in range(1001)), "a" + "[b]" * MAX_DEPTH + "=1"],
)
def test_what_cannot_nest_is_refused(encoded: str) -> None:
    with pytest.raises(ApiError):
        parse(encoded)


def test_values_are_read_by_their_fields_and_faults_are_named_in_full() -> None:
    fields = {"amount": AMOUNT, "on": Field(boolean), "tags": Field(many(text(3))), "metadata": METADATA}
    nested = {"inside": Field(group(fields))}
    raw = parse("inside[amount]=5&inside[on]=true&inside[tags][]=a&inside[metadata][act]=7")
    assert check(nested, raw) == {"inside": {"amount": 5, "on": True, "tags": ["a"], "metadata": {"act": "7"}}}
    for faulty, param in (
        ("inside[amount]=five", "inside[amount]"),
        ("inside[on]=1", "inside[on]"),
        ("inside[tags]=a", "inside[tags]"),
        ("inside[tags][]=long", "inside[tags][0]"),
        ("inside[other]=1", "inside[other]"),
        ("inside=1", "inside"),
    ):
        with pytest.raises(ApiError) as refused:
            check(nested, parse(faulty))
        assert refused.value.body["error"]["param"] == param
