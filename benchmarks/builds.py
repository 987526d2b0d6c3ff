"""A second build against the first: `python benchmarks/builds.py [STUDY] [--profile quick] [--again 5]`.

Both run as whole processes in a new workspace, one after the other on the same machine; the ratio is what counts.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent


def seconds(*words: str, cwd: Path) -> float:
    """Wall-clock seconds of one `reportgen` process."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "reportgen", *words], cwd=cwd, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", nargs="?", type=Path, default=ROOT / "data/studies/demo.toml")
    parser.add_argument("--profile", default="quick")
    parser.add_argument("--again", type=int, default=5, help="how many second builds and status calls")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        shutil.copytree(ROOT / "templates", workspace / "templates")
        shutil.copyfile(ROOT / "mkdocs.yml", workspace / "mkdocs.yml")
        study = [str(options.study.absolute()), "--profile", options.profile]
        first = seconds("build", *study, "-q", cwd=workspace)
        rows = {
            "second build": [seconds("build", *study, "-q", cwd=workspace) for _ in range(options.again)],
            "status": [seconds("status", *study, cwd=workspace) for _ in range(options.again)],
        }
    print(f"{'':14s} {'median s':>9s} {'min':>7s} {'max':>7s} {'of first':>9s}")
    print(f"{'first build':14s} {first:9.2f}")
    for name, times in rows.items():
        median = statistics.median(times)
        print(f"{name:14s} {median:9.2f} {min(times):7.2f} {max(times):7.2f} {median / first:9.2%}")


if __name__ == "__main__":
    main()
