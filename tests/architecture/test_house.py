"""The house keeps its shape: what the eye would miss in review, a test holds."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command

from contracts.kernel.database import Base
from market.migrate import configuration
from market.tables import METADATA

ROOT = Path(__file__).resolve().parents[2]
TOP_LEVEL = {"pyproject.toml", "market", "matching", "contracts", "migrations", "tests", "README.md"}
QUIET = {".ci", ".gitignore", "LICENSE", "Makefile", "requirements"}
PACKAGES = ("contracts", "market", "matching")
SOURCES = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]


def test_nothing_else_grows_at_the_top_level() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert {name.split("/")[0] for name in tracked} <= TOP_LEVEL | QUIET


def test_what_a_command_loads_is_not_looked_through_for_garbage() -> None:
    code = (
        "import contextlib, gc, io\nfrom market.cli import main\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()): main(['check', '--help'])\n"
        "print(gc.isenabled(), gc.get_freeze_count() > 10_000)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True"]


@pytest.mark.parametrize("file", SOURCES, ids=lambda f: str(f.relative_to(ROOT)))
def test_imports_stand_at_the_top(file: Path) -> None:
    tree = ast.parse(file.read_text())
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            inner = [n.lineno for n in ast.walk(function) if isinstance(n, ast.Import | ast.ImportFrom)]
            assert not inner, f"an import inside {function.name} is a circle in hiding: line {inner}"


def test_features_do_not_import_each_others_tables_upwards_and_foreign_keys_do_not_climb() -> None:
    home = {}
    for mapper in Base.registry.mappers:
        module = mapper.class_.__module__
        home[mapper.local_table.name] = module.split(".")[0]
    climbing = [
        f"{table.name} -> {key.column.table.name}"
        for table in METADATA.sorted_tables
        for key in table.foreign_keys
        if home[table.name] == "contracts" and home[key.column.table.name] == "market"
    ]
    assert climbing == []


def test_only_settings_reads_the_environment() -> None:
    readers = [str(f.relative_to(ROOT)) for f in SOURCES if re.search(r"os\.(environ|getenv)", f.read_text())]
    assert readers == ["market/settings.py"]


def test_selects_stand_in_queries_and_nobody_commits_in_a_service() -> None:
    offenders = [str(f.relative_to(ROOT)) for f in SOURCES if f.name == "service.py" and ".commit(" in f.read_text()]
    assert offenders == []


def test_lock_files_name_no_registry() -> None:
    for lock in (ROOT / "requirements").glob("*.lock"):
        assert "://" not in lock.read_text(), lock.name


def test_help_does_not_load_the_web_or_the_solver() -> None:
    code = (
        "import sys, contextlib, io\nfrom market.cli import main\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()): main(['--help'])\n"
        "print([m for m in ('litestar', 'numba', 'ortools', 'numpy', 'sqlalchemy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("file", SOURCES, ids=lambda f: str(f.relative_to(ROOT)))
def test_no_file_is_too_long_and_no_function_either(file: Path) -> None:
    text = file.read_text()
    assert text.count("\n") <= 400
    for function in ast.walk(ast.parse(text)):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (function.end_lineno or 0) - function.lineno < 50, function.name


def test_the_migrations_make_exactly_the_tables_of_the_models(database_url: str) -> None:

    command.check(configuration(database_url))
