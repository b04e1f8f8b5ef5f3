"""A PostgreSQL server of our own for the tests: Debian's programs (or PG_BIN), a temporary folder, a Unix socket."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

_FALLBACK_USER = "nobody"  # PostgreSQL refuses to run as root


def find_programs() -> Path | None:
    """The folder of ``initdb`` and ``postgres``, newest version first."""
    given = os.environ.get("PG_BIN")
    candidates = [Path(given)] if given else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("initdb")
    if found and not given:
        candidates.append(Path(found).parent)
    return next((c for c in candidates if (c / "initdb").exists() and (c / "postgres").exists()), None)


class Server:
    def __init__(self, programs: Path, *, durable: bool = False) -> None:
        """``durable`` keeps fsync on, as in production: for measuring, not for testing."""
        self._bin = programs
        self._folder = Path(tempfile.mkdtemp(prefix="tapsyrys-pg-"))
        self._as: dict[str, object] = {}
        if os.geteuid() == 0:
            owner = pwd.getpwnam(_FALLBACK_USER)
            self._as = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
            os.chown(self._folder, owner.pw_uid, owner.pw_gid)
        data = self._folder / "data"
        self._run("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        self._process = subprocess.Popen(
            [
                str(self._bin / "postgres"), "-D", str(data), "-k", str(self._folder), "-c", "listen_addresses=",
                "-c", f"fsync={'on' if durable else 'off'}", "-c", "max_connections=200", "-c", "shared_buffers=256MB",
                "-c", "log_min_messages=panic",
            ],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self._folder, **self._as,
        )  # fmt: skip
        self._run("pg_isready", "-h", str(self._folder), "-U", "postgres", retries=100)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@/{database}?host={self._folder}"

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=30)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str, retries: int = 1) -> None:
        for attempt in range(retries):
            done = subprocess.run(
                [str(self._bin / program), *arguments],
                capture_output=True,
                timeout=60,
                check=False,
                cwd=self._folder,
                **self._as,
            )
            if done.returncode == 0:
                return
            if attempt + 1 < retries:
                time.sleep(0.1)
        raise RuntimeError(f"{program} failed: {done.stderr.decode()}")
