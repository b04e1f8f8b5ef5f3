"""``make bench``: every benchmark in a process of its own, one after the other."""

import subprocess
import sys
from pathlib import Path

NOT_A_BENCHMARK = {"__init__", "__main__", "report", "places", "nation", "guards", "year", "year_money", "sites"}

if __name__ == "__main__":
    names = sorted({f.stem for f in Path(__file__).parent.glob("*.py")} - NOT_A_BENCHMARK)
    failed = [n for n in names if subprocess.run([sys.executable, "-m", f"tests.bench.{n}"], check=False).returncode]
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)
