"""The command line. No logic here: every command imports what it needs when it runs, so that --help is quick."""

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

app = typer.Typer(
    help="One study file in, a finished and self-checking research report on emotion recognition out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

StudyFile = Annotated[Path | None, typer.Argument(metavar="[STUDY]", help="Study file; default: data/studies/demo.toml.")]
Profile = Annotated[
    str, typer.Option(metavar="NAME", help="Apply [profile.NAME] of the study; `full` is the study as written.")
]
Only = Annotated[
    list[str] | None, typer.Option(metavar="EXPERIMENT", help="Run the steps of this experiment only (repeatable).")
]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]
Jobs = Annotated[int, typer.Option(min=1, metavar="N", help="Steps at a time, each in a process of its own.")]
Threads = Annotated[int, typer.Option(min=0, metavar="N", help="CPU threads of each step; 0: all cores. Numbers depend on it.")]
Again = Annotated[
    list[str] | None, typer.Option(metavar="STEP", help="Run this step again even if it is up to date (repeatable).")
]
Out = Annotated[Path | None, typer.Option(metavar="DIR", help="Write build/ and site/ into DIR instead of here.")]
NoPdf = Annotated[bool, typer.Option("--no-pdf", help="Leave the PDF out.")]
Public = Annotated[bool, typer.Option("--public", help="Leave out samples of data that may not be redistributed.")]
Strict = Annotated[bool, typer.Option("--strict/--no-strict", help="Take warnings of the website for errors.")]
Paper = Annotated[Literal["A4", "Letter"], typer.Option(help="Paper of the PDF.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing but errors.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Say every step and show tracebacks.")]


def _talk(quiet: bool, verbose: bool) -> Any:
    from reportgen.console import NORMAL, QUIET, VERBOSE, Talk

    return Talk(QUIET if quiet else VERBOSE if verbose else NORMAL)


@app.command()
def build(
    study: StudyFile = None,
    only: Only = None,
    profile: Profile = "",
    device: Device = "auto",
    no_pdf: NoPdf = False,
    public: Public = False,
    strict: Strict = True,
    jobs: Jobs = 1,
    threads: Threads = 0,
    again: Again = None,
    out: Out = None,
    paper: Paper = "A4",
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Run what is out of date, then render the website and the PDF."""
    from reportgen import rendering
    from reportgen.options import Options
    from reportgen.workspace import Workspace

    workspace = Workspace.here(out)
    options = Options(
        profile=profile,
        only=tuple(only or ()),
        device=device,
        jobs=jobs,
        threads=threads,
        again=tuple(again or ()),
        public=public,
        pdf=not no_pdf,
        strict=strict,
        paper=paper,
    )
    with _talk(quiet, verbose) as talk:
        report = rendering.build(workspace, workspace.study(study), options, talk)
        _tell(report, talk)


@app.command()
def run(
    study: StudyFile = None,
    only: Only = None,
    profile: Profile = "",
    device: Device = "auto",
    jobs: Jobs = 1,
    threads: Threads = 0,
    again: Again = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Run what is out of date and render nothing."""
    from reportgen import building
    from reportgen.options import Options
    from reportgen.workspace import Workspace

    workspace = Workspace.here()
    options = Options(
        profile=profile, only=tuple(only or ()), device=device, jobs=jobs, threads=threads, again=tuple(again or ())
    )
    with _talk(quiet, verbose) as talk:
        made, failed, _ = building.run(workspace, workspace.study(study), options, talk)
        talk.say(f"build {made.id} is in {workspace.store}")
    if failed:
        raise typer.Exit(1)


@app.command()
def render(
    study: Annotated[
        str, typer.Argument(metavar="[STUDY]", help="Name of a study that was built; default: the last one.")
    ] = "",
    no_pdf: NoPdf = False,
    public: Public = False,
    strict: Strict = True,
    jobs: Jobs = 1,
    again: Again = None,
    out: Out = None,
    paper: Paper = "A4",
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Render the last build again, from the store alone: without data and without torch."""
    from reportgen import rendering
    from reportgen.options import Options
    from reportgen.workspace import Workspace

    options = Options(jobs=jobs, again=tuple(again or ()), public=public, pdf=not no_pdf, strict=strict, paper=paper)
    with _talk(quiet, verbose) as talk:
        report = rendering.render(Workspace.here(out), Path(study).stem, None, options, talk)
        _tell(report, talk)


@app.command()
def apply(
    experiment: Annotated[str, typer.Argument(metavar="EXPERIMENT", help="Name of an experiment with a stored model or map.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Pictures, recordings or tables, as it takes them.")],
    study: Annotated[str, typer.Option(metavar="STUDY", help="Name of a study that was built; default: the last one.")] = "",
    out: Annotated[Path | None, typer.Option(metavar="FILE.html", help="The page; default: applied/EXPERIMENT.html.")] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Run a stored model or map of the last build on your own files and write one page; nothing is trained."""
    from reportgen.applying.applying import apply as apply_stored
    from reportgen.workspace import Workspace

    with _talk(quiet, verbose) as talk:
        apply_stored(Workspace.here(), Path(study).stem, experiment, files, out, talk)


@app.command()
def status(study: StudyFile = None, only: Only = None, profile: Profile = "") -> None:
    """Say what would run and why; run nothing."""
    from reportgen import building
    from reportgen.options import Options
    from reportgen.workspace import Workspace

    workspace = Workspace.here()
    options = Options(profile=profile, only=tuple(only or ()))
    stale = 0
    for step, reason in building.what_would_run(workspace, workspace.study(study), options):
        stale += bool(reason)
        typer.echo(f"{step.name}: {reason or 'up to date'}")
    typer.echo(f"{stale} steps would run" if stale else "everything is up to date")


@app.command("list")
def list_things(
    what: Annotated[str, typer.Argument(help="datasets, splits, models, features, tasks, explainers, figures or audits.")] = "",
    name: Annotated[str, typer.Argument(help="One of them: its settings with ranges, units and defaults.")] = "",
) -> None:
    """List what there is, one id a line first; with a NAME, its settings."""
    from reportgen.listing import listing
    from reportgen.workspace import Workspace

    Workspace.here()
    for line in listing(what, name):
        typer.echo(line)


@app.command()
def check(study: StudyFile = None, profile: Profile = "", quiet: Quiet = False, verbose: Verbose = False) -> None:
    """Validate the study and its data without training, and run the audits that need no model."""
    from reportgen import building
    from reportgen.options import Options
    from reportgen.workspace import Workspace

    workspace = Workspace.here()
    with _talk(quiet, verbose) as talk:
        checked = building.check(workspace, workspace.study(study), Options(profile=profile), talk)
        for line in checked.notices:
            talk.say(f"notice  {line}")
        for finding in checked.findings:
            talk.say(f"{finding['severity']:7s} {finding['about']}: {finding['title']} ({finding['evidence']})")
            if finding["remedy"] and finding["severity"] != "ok":
                talk.say(f"        {finding['remedy']}")
        for fault in checked.faults:
            talk.errors.print(f"error: {fault}", markup=False)
    if checked.faults:
        raise typer.Exit(2)


@app.command()
def serve(
    study: StudyFile = None,
    profile: Profile = "",
    address: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where to serve.")] = "127.0.0.1:8000",
) -> None:
    """Build, then serve the website and reload it when the study, the templates or the pages change."""
    from reportgen.serving import serve as serve_site
    from reportgen.workspace import Workspace

    workspace = Workspace.here()
    with _talk(False, False) as talk:
        serve_site(workspace, workspace.study(study), profile, address, talk)


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="Folder of the new workspace.")] = Path(".")) -> None:
    """Make a workspace: a folder with a demo study, for data and reports of one's own."""
    from reportgen.workspace import create

    for path in create(folder):
        typer.echo(f"wrote {path}")
    typer.echo(f"next: cd {folder} && reportgen build")


def _version(wanted: bool) -> None:
    if wanted:
        from reportgen import __version__

        typer.echo(f"reportgen {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")] = False,
) -> None:
    pass


def _tell(report: Any, talk: Any) -> None:
    """Where the report is, and what is missing in it."""
    fresh = f" ({', '.join(report.changed)} written)" if report.changed else " (unchanged)"
    talk.say(f"site  {report.site / 'index.html'}{fresh}")
    if report.pdf:
        talk.say(f"PDF   {report.pdf}")
    if report.failed:
        parts = "1 part" if len(report.failed) == 1 else f"{len(report.failed)} parts"
        talk.errors.print(f"{parts} failed; the report says what is missing", markup=False)
        raise typer.Exit(1)


def main() -> None:
    """Run the command line; an error of ours is one line, a bug keeps its traceback."""
    import errno

    from reportgen.errors import ReportgenError

    try:
        app()
    except ReportgenError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            typer.echo("error: the disk is full\n  Free some space and run again: finished steps are kept.", err=True)
            sys.exit(1)
        if error.errno not in (errno.ENOTDIR, errno.EEXIST, errno.EISDIR, errno.EACCES, errno.EROFS):
            raise
        typer.echo(f"error: {error.filename}: {error.strerror}\n  Give a folder that can be written to.", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        typer.echo("stopped; the next build goes on from here", err=True)
        sys.exit(130)


if __name__ == "__main__":
    main()
