"""What the frame's macros compute: navigation, lists of faults, choices, the colour of a status."""

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Protocol

from market.web.desks import Link
from market.web.language import translations

GOOD = {"accepted", "confirmed", "settled", "active", "admitted", "complete", "placed", "issued", "open"}
BAD = {"failed", "returned", "rejected", "revoked", "suspended", "unsuccessful", "terminated", "lapsed", "declined"}
WAITING = {"offered", "requested", "submitted", "waiting", "ordered", "sending", "sent", "pending", "registered",
           "entered", "running", "published"}  # fmt: skip


class _Fault(Protocol):
    @property
    def field(self) -> str: ...
    @property
    def text(self) -> str: ...


class _Filled(Protocol):
    @property
    def faults(self) -> Sequence[_Fault]: ...
    @property
    def labels(self) -> dict[str, str]: ...
    def fault(self, name: str) -> str | None: ...


def fault_list(filled: _Filled) -> list[dict[str, str]]:
    """For the error summary, once the fields are written: each fault leads to its field, in the order of the page, and
    where several have the same sentence each names its own."""
    times = Counter(one.text for one in filled.faults)
    place = {name: at for at, name in enumerate(filled.labels, start=1)}
    said = []
    for one in sorted(filled.faults, key=lambda one: place.get(one.field, len(place) + 1) if one.field else 0):
        label = filled.labels.get(one.field, "") if times[one.text] > 1 else ""
        pause = "" if not label else " " if label.endswith(("?", ".", ":")) else ": "
        text = {"text": f"{label}{pause}{one.text}"}
        said.append(text | {"href": f"#{one.field}"} if one.field else text)
    return said


def fault_message(filled: _Filled | None, name: str, label: str) -> dict[str, str] | None:
    """``visuallyHiddenText`` is left out: the sentence says itself what is wrong."""
    text = filled.fault(name) if filled else None
    if filled is None or text is None:
        return None
    filled.labels[name] = label
    return {"text": text, "visuallyHiddenText": ""}


def choice_items(choices: Sequence[Sequence[Any]], empty: str | None = None) -> list[dict[str, Any]]:
    """(value, text) or (value, text, hint) as the library's items."""
    items = [] if empty is None else [{"value": "", "text": empty}]
    for choice in choices:
        item: dict[str, Any] = {"value": str(choice[0]), "text": choice[1]}
        if len(choice) > 2 and choice[2]:  # noqa: PLR2004 - a third member is the hint
            item["hint"] = {"text": choice[2]}
        items.append(item)
    return items


def tag_class(status: StrEnum) -> str:
    value = status.value
    if value in GOOD:
        return "govuk-tag--green"
    if value in BAD:
        return "govuk-tag--red"
    return "govuk-tag--yellow" if value in WAITING else "govuk-tag--grey"


def desk_navigation(language: str, links: Sequence[Link], path: str) -> list[dict[str, Any]]:
    say = translations(language).gettext
    return [
        {
            "text": say(link.label),
            "href": link.address,
            "current": path == link.address,
            "active": path.startswith(f"{link.address}/"),
        }
        for link in links
    ]
