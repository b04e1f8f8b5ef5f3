"""A columnar file of ten million arcs: what loading it takes, in seconds and in memory, beside the plain JSON parser.

The goal: no more memory than the file and twice the arrays made from it. Each measurement in a process of its own.
"""

import json
import multiprocessing
import os
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np

from matching.instance import Instance
from matching.reading import read_instance
from tests.bench.report import publish

ARCS = int(os.environ.get("MARKET_BENCH_ARCS", "10000000"))
EACH = 20
LIMITS = {"memory": 1.0, "seconds": 1.0}


def written(folder: Path) -> Path:
    rng, requests, slots = np.random.default_rng(1), ARCS // EACH, 5_000
    path = folder / "instance.json"
    start = rng.integers(0, slots, requests)
    slot = (start[:, None] + np.arange(EACH) * 7) % slots
    with path.open("w") as file:
        file.write('{"format": "tapsyrys-instance/1", "objective": "minimise", "slots": ')
        json.dump([{"id": f"s{at}", "capacity": 100} for at in range(slots)], file)
        file.write(', "requests": {"id": ')
        json.dump([f"r{at}" for at in range(requests)], file)
        for name, values in (("tier", rng.integers(0, 4, requests)), ("size", np.ones(requests, dtype=np.int64)),
                             ("first_arc", np.arange(0, ARCS + 1, EACH))):  # fmt: skip
            file.write(f', "{name}": {values.tolist()}')
        file.write('}, "arcs": {"slot": ')
        file.write(str(slot.ravel().tolist()))
        file.write(', "cost": ')
        file.write(str(rng.integers(0, 3000, ARCS).tolist()))
        file.write("}}")
    return path


def peak_mib() -> float:
    """The most this program has ever held; the figure of `getrusage` counts what its parent held before it too."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def loaded(path: Path, answers: "multiprocessing.Queue[dict[str, float]]") -> None:
    before, started = peak_mib(), perf_counter()
    instance = read_instance(path)
    seconds = perf_counter() - started
    answers.put({"seconds": seconds, "mib": peak_mib() - before, "arrays_mib": arrays_mib(instance)})


def parsed(path: Path, answers: "multiprocessing.Queue[dict[str, float]]") -> None:
    started = perf_counter()
    json.loads(path.read_bytes())
    answers.put({"seconds": perf_counter() - started, "mib": peak_mib()})


def arrays_mib(instance: Instance) -> float:
    """The arrays and the names: what an instance is made of."""
    arrays = [value for value in vars(instance).values() if isinstance(value, np.ndarray)]
    names = sum(len(name) + 57 for name in (*instance.request_ids, *instance.slot_ids))
    return (sum(array.nbytes for array in arrays) + names) / 2**20


def alone(work: object, path: Path) -> dict[str, float]:
    spawn = multiprocessing.get_context("spawn")
    answers = spawn.Queue()
    process = spawn.Process(target=work, args=(path, answers))  # type: ignore[arg-type]
    process.start()
    answer: dict[str, float] = answers.get()
    process.join()
    return answer


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tapsyrys-bench-") as folder:
        path = written(Path(folder))
        file_mib = path.stat().st_size / 2**20
        ours, plain = alone(loaded, path), alone(parsed, path)
    most = file_mib + 2 * ours["arrays_mib"]
    figures: dict[str, object] = {
        "arcs": ARCS, "file_mib": round(file_mib), "arrays_mib": round(ours["arrays_mib"]), "mib": round(ours["mib"]),
        "seconds": round(ours["seconds"], 2), "json_seconds": round(plain["seconds"], 2),
        "json_mib": round(plain["mib"]),
    }  # fmt: skip
    ratio = {"memory": round(ours["mib"] / most, 3), "seconds": round(ours["seconds"] / plain["seconds"], 3)}
    publish("matching_file", figures, ratio=ratio, limits=LIMITS)


if __name__ == "__main__":
    main()
