"""Retrieving, updating and listing, the same for every kind of object.

A list is newest first, at most `limit` (1 to 100, 10 by default), `starting_after` or `ending_before` an object's id.
"""

import json
from typing import Any

from market.peer.books import Json
from market.peer.calls import Call
from market.peer.errors import no_such
from market.peer.forms import ANY, METADATA, RANGE, Field, integer, merged

PAGE = {"limit": Field(integer(1, 100)), "starting_after": ANY, "ending_before": ANY}
CREATED = PAGE | {"created": RANGE}
UPDATE = {"metadata": METADATA, "description": ANY}

COMPARE = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}

Condition = tuple[str, list[Any]]  # SQL over one row of `object`, and its values


def member(name: str, value: Any) -> Condition:
    """The body's member equals the value. `name` is one of ours, never a client's."""
    return f"json_extract(body, '$.{name}') = ?", [value]


def within(column: str, instants: int | dict[str, int]) -> list[Condition]:
    if isinstance(instants, int):
        return [(f"{column} = ?", [instants])]
    return [(f"{column} {COMPARE[name]} ?", [instant]) for name, instant in instants.items()]


def retrieve(call: Call, kind: str) -> Json:
    return named(call, kind, call.ids["id"], "id")


def named(call: Call, kind: str, identifier: str, param: str, what: str = "") -> Json:
    """The object that a parameter (or the address, `param="id"`) names. `what` is the sentence's word for it."""
    found = call.books.find(kind, call.account, identifier)
    if found is None:
        raise no_such(what or kind, identifier, param=param)
    return found


def update(call: Call, kind: str) -> Json:
    body = retrieve(call, kind)
    metadata = merged(body["metadata"], call.form.get("metadata", {}))
    return call.books.change(body, **(call.form | {"metadata": metadata}))


def page(call: Call, kind: str, url: str, *conditions: Condition, account: str | None = None) -> Json:
    """One page of the account's objects of a kind; parameters named in `CREATED` are taken from the call."""
    form = call.form
    account = account or call.account
    limit = form.get("limit", 10)
    backwards = "ending_before" in form
    where = [("kind = ?", [kind]), ("account = ?", [account]), *within("created", form.get("created", {})), *conditions]
    for cursor, side in (("starting_after", "<"), ("ending_before", ">")):
        if cursor in form:
            found = call.books.sql.execute("SELECT seq FROM object WHERE id = ? AND kind = ?", (form[cursor], kind))
            row = found.fetchone()
            if row is None:
                raise no_such(kind, form[cursor], param=cursor)
            where.append((f"seq {side} ?", [row["seq"]]))
    rows = call.books.sql.execute(
        f"SELECT body FROM object WHERE {' AND '.join(sql for sql, _ in where)} "  # noqa: S608 - our own words only
        f"ORDER BY seq {'ASC' if backwards else 'DESC'} LIMIT ?",
        [value for _, values in where for value in values] + [limit + 1],
    ).fetchall()
    data = [json.loads(row["body"]) for row in rows[:limit]]
    return {"object": "list", "url": url, "has_more": len(rows) > limit, "data": data[::-1] if backwards else data}
