"""What a benchmark says, in one shape."""

import json
import os
import platform
import sys
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


def publish(name: str, figures: dict[str, object], *, ratio: dict[str, float], limits: dict[str, float]) -> None:
    """Writes ``results/<name>.json`` and the same line to stdout."""
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}
    line = json.dumps({"name": name, "figures": figures, "limits": limits, "ratio": ratio, "machine": machine})
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(line + "\n")
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
