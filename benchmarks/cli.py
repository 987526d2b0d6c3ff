"""How long `reportgen --help` takes beside importing typer, which it cannot do without. Target: 3 times at most."""

import statistics
import subprocess
import sys
import time

ROUNDS = 15
COMMANDS = {
    "python -c 'import typer'": [sys.executable, "-c", "import typer"],
    "reportgen --help": [sys.executable, "-m", "reportgen", "--help"],
    "reportgen list models": [sys.executable, "-m", "reportgen", "list", "models"],
}


def seconds(command: list[str]) -> float:
    """Time of one process from start to end."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Time the commands in turn, so that a busy machine slows all of them alike."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for round_ in range(-1, ROUNDS):  # the first one only fills the caches
        for name, command in COMMANDS.items():
            taken = seconds(command)
            if round_ >= 0:
                times[name].append(taken)
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    reference = next(iter(medians.values()))
    print(f"{'command, median of ' + str(ROUNDS):28s} {'seconds':>8s} {'ratio':>7s}")
    for name, median in medians.items():
        print(f"{name:28s} {median:8.3f} {median / reference:6.2f}×")


if __name__ == "__main__":
    main()
