"""`market payments`: a bank's statement in, an order to the bank out, as an operator does it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from contracts.kernel.runner import open_database
from contracts.kernel.work import SYSTEM, Role, Work
from contracts.payment.paying_accounts import open_paying_account
from contracts.payment.rules import Channel
from market.user import service as users
from tests.payment.houses import line_with_money, ordered
from tests.peer.sandbox import ROOT
from tests.reconciliation.bank import OURS, Bank, Entry
from tests.reconciliation.houses import number


def market(url: str, home: Path, *words: str) -> tuple[int, dict[str, object]]:
    environment = {**os.environ, "MARKET_HOME": str(home), "MARKET_DATABASE_URL": url}
    command = [sys.executable, "-m", "market", "payments", *words, "--json"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, json.loads(done.stdout or "{}")


def test_a_statement_goes_in_once_and_an_order_comes_out_the_same_each_time(sqlite_url: str, tmp_path: Path) -> None:
    database = open_database(sqlite_url)

    def people(work: Work) -> None:
        user_id = users.create_user(work, login="dana")
        users.grant(work, user_id, role=Role.FINANCE_OFFICER, territory="", from_on=work.today)
        open_paying_account(work, territory="75", name="Treasury", iban=OURS, channel=Channel.FILE)

    database.write(SYSTEM, people)
    one = ordered(database, line_with_money(database))
    first, again = tmp_path / "first.xml", tmp_path / "again.xml"
    code, told = market(sqlite_url, tmp_path, "export", "--as", "dana", "--account", OURS, "-o", str(first))
    assert (code, told["payments"]) == (0, 1)
    assert (
        market(sqlite_url, tmp_path, "export", "--as", "dana", "--order", str(told["order"]), "-o", str(again))[0] == 0
    )
    assert first.read_bytes() == again.read_bytes()
    file = tmp_path / "statement.xml"
    file.write_bytes(Bank().statement(Entry(-125_000_00, number(database, one))))
    for added in (1, 0):
        code, told = market(sqlite_url, tmp_path, "import", str(file), "--as", "dana")
        assert (code, [one["added"] for one in told["statements"]]) == (0, [added])  # type: ignore[attr-defined]
    file.write_bytes(b"<!DOCTYPE a [<!ENTITY x 'y'>]><a/>")
    code, told = market(sqlite_url, tmp_path, "import", str(file), "--as", "dana")
    assert (code, told["ok"]) == (2, False)
    database.close()
