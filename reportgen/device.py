"""Which device torch computes on."""

import torch

from reportgen.errors import UsageError


def choose(wanted: str, threads: int) -> str:
    """Resolve "auto" to cuda, mps or cpu, and fix the number of CPU threads: sums depend on it.

    Raises:
        UsageError: the wanted device is not there.
    """
    if torch.get_num_threads() != threads:
        torch.set_num_threads(threads)
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        return next(name for name, there in present.items() if there)
    if not present.get(wanted.partition(":")[0], False):
        there = ", ".join(name for name, here in present.items() if here)
        raise UsageError(f"device '{wanted}' is not available; this machine has: {there}", "Use `--device auto`.")
    return wanted
