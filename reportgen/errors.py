"""Every error that a user may meet.

ReportgenError
├── UsageError            exit 2: what the user gave is wrong (options, study, data)
│   ├── StudyError        the study file; carries all of its faults
│   └── DataError         a data set on disk
└── FailedError           exit 1: a step or the machine failed
    ├── StepError         one step; the others went on
    └── MachineError      the machine lacks something: disk, library, lock

A message says what happened, where, and the two values that disagree; the hint says what to do.
Bugs are not in this tree: they keep their traceback.
"""


class ReportgenError(Exception):
    """Base of all; printed as one line `message` and, if there is one, a line `hint`."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)  # both, so that pickle can rebuild it
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class UsageError(ReportgenError):
    """What the user gave is wrong."""

    exit_code = 2


class StudyError(UsageError):
    """The study file is wrong; `message` has one line per fault."""


class DataError(UsageError):
    """A data set on disk is not what its reader expects."""


class FailedError(ReportgenError):
    """A step or the machine failed."""


class StepError(FailedError):
    """One step failed; steps that do not need it go on."""


class MachineError(FailedError):
    """The machine lacks something that the work needs."""
