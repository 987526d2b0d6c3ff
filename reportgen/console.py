"""What the user sees while work goes on: bars in a terminal, plain lines when piped, nothing with -q."""

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from reportgen.core import Step
from reportgen.store import Record

QUIET, NORMAL, VERBOSE = 0, 1, 2


class Talk:
    """The voice of a build (`pipeline.Voice`)."""

    def __init__(self, level: int = NORMAL) -> None:
        self._level = level
        self.console = Console(highlight=False, soft_wrap=True)
        self.errors = Console(stderr=True, highlight=False, soft_wrap=True)
        self._tasks: dict[str, TaskID] = {}
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[text]}"),
            TimeElapsedColumn(),
            console=self.console,
            transient=True,
            disable=level == QUIET or not self.console.is_terminal,
        )

    def __enter__(self) -> "Talk":
        self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._bars.stop()

    def say(self, text: str, *, level: int = NORMAL) -> None:
        """One line, if the user wants to hear as much."""
        if self._level >= level:
            self.console.print(text, markup=False)

    def runs(self, step: Step, reason: str) -> None:
        """A step starts."""
        # Figures are many and quick: one bar of theirs is enough.
        quick = step.name.startswith("figure ")
        self.say(f"  {step.name}: {reason}", level=VERBOSE if quick else NORMAL)
        self._tasks[step.name] = self._bars.add_task(f"  {step.name}", total=None, text="")

    def advances(self, step: Step, done: int, total: int, text: str) -> None:
        """A step at work says how far it is."""
        if step.name in self._tasks:
            self._bars.update(self._tasks[step.name], completed=done, total=total or None, text=text)

    def done(self, step: Step, record: Record) -> None:
        """A step is finished."""
        self._end(step)
        self.say(f"  {step.name}: done in {record.seconds:.1f} s", level=VERBOSE)

    def fails(self, step: Step, message: str, trace: str = "") -> None:
        """A step failed; with -v the traceback of a bug follows."""
        self._end(step)
        if message:
            self.errors.print(f"  {step.name}: failed: {message}", markup=False)
        if trace and self._level >= VERBOSE:
            self.errors.print(trace, markup=False)

    def remarks(self, text: str) -> None:
        """Something that the user should know."""
        self.say(f"  {text}")

    def _end(self, step: Step) -> None:
        if step.name in self._tasks:
            self._bars.remove_task(self._tasks.pop(step.name))
