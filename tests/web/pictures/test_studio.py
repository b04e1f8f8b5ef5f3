"""One process draws for everybody; it may die, hang or go home, and nobody waits for ever."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from market.web.pictures import studio as studios
from market.web.pictures.job import Sheet
from market.web.pictures.studio import PicturesBusy, PressFault, Studio
from tests.web.pictures.samples import drawing

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def studio() -> Iterator[Studio]:
    made = Studio(b"key")
    yield made
    made.close()


def press_of(studio: Studio) -> subprocess.Popen[bytes]:
    assert studio._press is not None
    return studio._press


def test_the_web_does_not_load_what_draws() -> None:
    code = "import sys, market.app\nprint([m for m in ('vl_convert', 'typst') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_chart_is_drawn_once_and_then_answered_from_memory(studio: Studio) -> None:
    first = studio.make(drawing(1))
    assert first.startswith(b"<svg")
    press = press_of(studio)
    press.kill()
    press.wait()
    assert studio.make(drawing(1)) is first, "nobody had to draw it"


def test_no_process_is_started_before_the_first_wish() -> None:
    studio = Studio(b"key")
    assert studio._press is None
    studio.close()


def test_a_press_that_was_killed_is_replaced(studio: Studio) -> None:
    studio.make(drawing(1))
    first = press_of(studio)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert studio.make(drawing(2)).startswith(b"<svg")
    assert press_of(studio).pid != first.pid


def test_our_own_mistake_is_an_error_and_the_next_wish_is_answered(
    studio: Studio, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(PressFault):
        studio.make(Sheet("no-such-form", {}))
    assert "Traceback" in capfd.readouterr().err
    assert studio.make(drawing(1)).startswith(b"<svg")


def test_a_press_that_hangs_is_given_up(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    studio.make(drawing(1))
    hanging = press_of(studio)
    hanging.send_signal(signal.SIGSTOP)
    monkeypatch.setattr(studios, "LIMIT_SECONDS", 0.2)
    monkeypatch.setattr(studios, "GRACE_SECONDS", 0.2)
    with pytest.raises(PicturesBusy):
        studio.make(drawing(2))
    assert hanging.returncode == -signal.SIGKILL
    monkeypatch.undo()
    assert studio.make(drawing(2)).startswith(b"<svg")


def test_past_the_last_seat_a_reader_is_told_to_come_back(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    studio.make(drawing(1))
    seats = threading.BoundedSemaphore(1)
    studio._seats = seats
    with seats, pytest.raises(PicturesBusy):
        studio.make(drawing(2))
    assert studio.make(drawing(2)).startswith(b"<svg")


def test_what_is_kept_is_bounded_and_documents_are_not_kept(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    one = len(studio.make(drawing(1)))
    monkeypatch.setattr(studios, "KEPT_BYTES", 2 * one + one // 2)
    for serial in range(2, 6):
        studio.make(drawing(serial))
    assert len(studio._kept) == 2


def test_many_threads_get_each_their_own_picture(studio: Studio) -> None:
    found: dict[int, bytes] = {}

    def ask(serial: int) -> None:
        found[serial] = studio.make(drawing(serial % 4))

    threads = [threading.Thread(target=ask, args=(serial,)) for serial in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert all(f"No. {serial % 4}<".encode() in svg for serial, svg in found.items())
    assert len(found) == 12


def test_the_press_ends_when_the_studio_closes_and_none_is_started_afterwards() -> None:
    studio = Studio(b"key")
    studio.make(drawing(1))
    press = press_of(studio)
    studio.close()
    assert press.returncode == 0
    with pytest.raises(PicturesBusy):
        studio.make(drawing(2))


def test_the_press_ends_when_its_server_was_killed() -> None:
    code = (
        "import os, sys\nfrom market.web.pictures.studio import Studio\n"
        "from tests.web.pictures.samples import drawing\n"
        "s = Studio(b'key')\ns.make(drawing(1))\nprint(s._press.pid, flush=True)\nos.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    waited = threading.Event()
    for _attempt in range(100):
        if not is_running(int(done.stdout)):
            return
        waited.wait(0.1)
    raise AssertionError("the press outlived its server")


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
