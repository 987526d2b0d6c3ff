"""From a build in the store to what pages are given. Reads JSON alone: no sample, no weight."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from reportgen import plugins
from reportgen.report import tabulate
from reportgen.report.compared import comparison_of
from reportgen.report.context import Audit, Download, Origin, Picture, Remark, Report
from reportgen.report.contrasted import contrast_of
from reportgen.report.frequencies import Frequencies, frequencies_of
from reportgen.report.ran_with import ran_with
from reportgen.report.ratings import present_table, ratings_of
from reportgen.report.recorded import canary_of, derived_of, features_of, recorded_of, recorded_tables
from reportgen.report.references import parse
from reportgen.report.regressions import regression_of
from reportgen.report.regressions import slug_of as slug_of_regression
from reportgen.report.results import Scores, model_of, scores_of
from reportgen.report.searched import tuning_of
from reportgen.report.shelf import Shelf, summary
from reportgen.report.spaces import Space, space_of
from reportgen.report.spaces import slug_of as slug_of_space
from reportgen.report.subjects import Dataset, Experiment, Explanation, Plugin, Tuning
from reportgen.report.synthetic import Synthetic, slug_of, synthetic_of
from reportgen.report.synthetic_trained import Learned
from reportgen.report.tables import Table
from reportgen.report.tabulate import SEVERITIES, middle
from reportgen.report.trained import trainings_of, trainings_table
from reportgen.report.trusted import sentences


def report_of(
    shelf: Shelf, pictures: Iterable[Picture], downloads: Iterable[Download], *, left_out: Sequence[str], pdf: bool
) -> Report:
    """The study and everything that it came to."""
    build, study = shelf.build, shelf.build.study
    datasets = {about["dataset"]: _dataset(shelf, about["dataset"], facts) for about, facts in shelf.inputs.all("facts")}
    experiments = tuple(_experiment(shelf, name, table, datasets) for name, table in study["experiment"].items())
    named = {experiment.name: experiment for experiment in experiments}
    comparisons = tuple(
        comparison_of(shelf, about["comparison"], found, datasets[about["dataset"]], named)
        for about, found in shelf.inputs.all("comparison")
    )
    best = _best(experiments)
    audits = tuple(_audit(about["audit"], found) for about, found in shelf.inputs.all("findings"))
    severities = [remark.severity for audit in audits for remark in audit.findings]
    return Report(
        title=study["title"],
        question=study["question"],
        abstract=study["abstract"],
        authors=tuple(study["authors"]),
        version=study["version"],
        date=study["date"],
        profile=build.profile,
        limits=study["limits"],
        seed=study["seed"],
        simulated=bool(datasets) and all(dataset.simulated for dataset in datasets.values()),
        public=shelf.public,
        pdf=pdf,
        datasets=tuple(datasets.values()),
        experiments=experiments,
        comparisons=comparisons,
        contrasts=tuple(
            contrast_of(about["contrast"], found, datasets[about["dataset"]], named)
            for about, found in shelf.inputs.all("contrast")
        ),
        best=best,
        audits=audits,
        severities={severity: severities.count(severity) for severity in SEVERITIES},
        gaps=shelf.gaps(),
        left_out=tuple(left_out),
        without_samples=tuple(picture for picture in pictures if picture.without_samples),
        origin=_origin(shelf, best[0]) if best else None,
        environment=build.environment,
        source=build.source,
        build=build.id,
        command=build.command,
        downloads=tuple(downloads),
        tables={
            "results": tabulate.results(e for e in experiments if e.recognises),
            "audits": tabulate.audits(audits),
            "environment": tabulate.environment(build.environment),
            "records": tabulate.all_records(shelf.records),
        },
        seconds=sum(record.seconds for record in shelf.records),
    )


def _slug(name: str) -> str:
    return f"experiment-{name.replace('_', '-')}"


_SLUGS = {"generate": slug_of, "regress": slug_of_regression, "embed": slug_of_space}
"""What pages of experiments are called whose task has a page of its own."""


def _dataset(shelf: Shelf, name: str, facts: Mapping[str, Any]) -> Dataset:
    ratings = ratings_of(facts)
    tables = {"counts": (present_table if ratings else tabulate.counts)(name, facts)}
    if facts["references"]:
        tables["published"] = tabulate.published(name, facts)
    return Dataset(
        name=name,
        slug=f"data-{name.replace('_', '-')}",
        plugin=_reader(shelf, name),
        title=facts["title"],
        modality=facts["modality"],
        classes=tuple(facts["classes"]),
        simulated=facts["simulated"],
        licence=facts["licence"],
        consent=facts["consent"],
        redistribute=facts["redistribute"],
        hidden=shelf.public and not facts["redistribute"],
        citation=facts["citation"],
        cites=tuple(parse(facts["bibtex"], f"data set {name}")),
        limits=facts["limits"],
        n=facts["n"],
        parts=facts.get("n_parts") or {part: sum(classes.values()) for part, classes in facts["counts"].items()},
        training_part=facts["training_part"],
        shape=tuple(facts["shape"]),
        unit=facts["unit"],
        notices=tuple(facts["notices"]),
        recorded=recorded_of(facts, shelf.build.study.get("pool", {}).get(name, {"datasets": ()})["datasets"]),
        ratings=ratings,
        tables=tables,
    )


def _reader(shelf: Shelf, name: str) -> Plugin:
    """The plugin that read a data set; a pool was read by none."""
    pool = shelf.build.study.get("pool", {}).get(name)
    if pool is None:
        return shelf.plugin("dataset", next(shelf.about(dataset=name)).settings)
    return Plugin(kind="pool", id="pool", summary="Several data sets under the same classes.", settings=pool, cites=())


def _experiment(shelf: Shelf, name: str, table: Mapping[str, Any], datasets: Mapping[str, Dataset]) -> Experiment:
    scores, network, split, views = (shelf.one(kind, experiment=name) for kind in ("scores", "model", "split", "band_views"))
    trainings = trainings_of(shelf, name)
    model, division = shelf.plugin("model", table["model"]), shelf.plugin("split", table["split"])
    chain = [shelf.plugin("feature", feature) for feature in table.get("features", ())]
    dataset = datasets.get(table["dataset"])
    classes = dataset.classes if dataset else ()
    explanations = tuple(_explanation(shelf, name, key, choice, classes) for key, choice in table["explain"].items())
    generators = {key: shelf.plugin("generator", choice) for key, choice in table.get("generate", {}).items()}
    regressors = {key: shelf.plugin("regressor", choice) for key, choice in table.get("regress", {}).items()}
    regression, used = shelf.one("regression", experiment=name), [*chain, *([model] if model.id else []), division]
    return Experiment(
        name=name,
        samples=json.dumps([table["dataset"], table["split"], features_of(shelf, name).get("same")], sort_keys=True),
        slug=_SLUGS.get(table["task"], _slug)(name),
        title=table["title"] or name,
        about=table["about"],
        dataset=dataset,
        task=table["task"],
        recordings=bool(table.get("features")),
        features=derived_of(shelf, name),
        model=model,
        split=division,
        folds=tuple(split["folds"]) if split else (),
        canary=canary_of(shelf, name),
        train=table["train"],
        evaluate=table["evaluate"],
        judge=table.get("judge", {}),
        seeds=tuple(table["seeds"]),
        images_per_class=table["images_per_class"],
        network=model_of(network) if network else None,
        trainings=trainings,
        smoke=any(training.smoke for training in trainings),
        scores=scores_of(scores) if scores else None,
        divided={part: sum(classes.values()) for part, classes in split["counts"].items()} if split else {},
        tuning=_tuning(shelf, name),
        explanations=explanations,
        gaps=shelf.gaps(name),
        frequencies=_frequencies(shelf, name, views, scores) if views else None,
        generators=generators,
        synthetic=_synthetic(shelf, name),
        regressors=regressors,
        regression=regression_of(name, regression) if regression else None,
        space=_space(shelf, name),
        seconds=sum(record.seconds for record in shelf.behind(name)),
        tables={
            **_result_tables(shelf, name),
            "trainings": trainings_table(name, trainings),
            "settings": ran_with(shelf, name, table, [*used, *(e.plugin for e in explanations)], {**generators, **regressors}),
        },
    )


def _frequencies(shelf: Shelf, name: str, views: Mapping[str, Any], scores: Mapping[str, Any] | None) -> Frequencies:
    return frequencies_of(name, views, shelf.one("band_scores", experiment=name), scores_of(scores).all if scores else None)


def _synthetic(shelf: Shelf, name: str) -> Synthetic | None:
    found = shelf.one("signal_scores", experiment=name)
    courses = {tuple(sorted(about.items())): course for about, course in shelf.inputs.all("course", experiment=name)}
    learned = [
        Learned(about["generator"], made, courses.get(tuple(sorted(about.items()))))
        for about, made in shelf.inputs.all("generator", experiment=name)
    ]
    return synthetic_of(name, found, learned) if found else None


def _space(shelf: Shelf, name: str) -> Space | None:
    found, quality = (shelf.one(kind, experiment=name) for kind in ("map", "map_quality"))
    laid = [one for _, one in shelf.inputs.all("laid_about", experiment=name)]
    followed = shelf.maker("trajectories", experiment=name) is not None
    return space_of(name, found, quality, laid, followed=followed) if found else None


def _tuning(shelf: Shelf, name: str) -> Tuning | None:
    trials, tuned = (shelf.one(kind, experiment=name) for kind in ("trials", "tuned"))
    record = shelf.maker("trials", experiment=name)
    return tuning_of(name, trials, tuned, record.seconds if record else 0.0) if trials and tuned else None


def _result_tables(shelf: Shelf, name: str) -> dict[str, Table]:
    """The tables of an experiment whose outputs are there."""
    tables = {"records": tabulate.own_records(name, shelf.behind(name))}
    if scores := shelf.one("scores", experiment=name):
        found = scores_of(scores)
        published = _comparable(shelf, name, found)
        tables |= {"scores": tabulate.scores(name, found, published), "per_class": tabulate.per_class(name, found.all)}
    rated = shelf.build.study["experiment"][name]["task"] in ("regress", "embed")  # no classes to count
    if (split := shelf.one("split", experiment=name)) and not rated:
        tables["divided"] = tabulate.divided(name, split)
    if (network := shelf.one("model", experiment=name)) and network["layers"]:
        tables["layers"] = tabulate.layers(name, model_of(network))
    return tables | recorded_tables(shelf, name)


def _comparable(shelf: Shelf, experiment: str, scores: Scores) -> list[Mapping[str, Any]]:
    """Published values of the same model on the same part: on another part, a score is another number."""
    table = shelf.build.study["experiment"][experiment]
    facts = shelf.one("facts", dataset=table["dataset"]) or {"references": ()}
    same = (table["model"]["use"], scores.test_origin)
    return [reference for reference in facts["references"] if (reference["model"], (reference["part"],)) == same]


def _explanation(shelf: Shelf, experiment: str, name: str, choice: Mapping[str, Any], classes: Sequence[str]) -> Explanation:
    about = {"experiment": experiment, "explainer": name}
    explained, quality = (shelf.one(kind, **about) or [] for kind in ("explained", "lime_quality"))
    return Explanation(
        name=name,
        plugin=shelf.plugin("explainer", choice),
        images=len(explained),
        r2=middle(value for row in quality for value in row["r2"]),
        jaccard=middle(value for row in quality for value in row["jaccard"]),
        trust=tuple(sentences(*(shelf.one(kind, **about) for kind in ("faithfulness", "localisation", "randomisation")))),
        table=tabulate.explanations(f"{experiment}-{name}", quality, explained, classes) if quality else None,
    )


def _audit(name: str, findings: Sequence[Mapping[str, Any]]) -> Audit:
    remarks = [
        Remark(
            severity=finding["severity"],
            about=finding["about"],
            title=finding["title"],
            evidence=finding["evidence"],
            remedy=finding["remedy"],
            table=tabulate.evidence(name, number, f"{finding['title']}: {finding['about']}.", finding["rows"])
            if finding["rows"]
            else None,
        )
        for number, finding in enumerate(findings, start=1)
    ]
    ordered = sorted(remarks, key=lambda remark: SEVERITIES.index(remark.severity))
    return Audit(id=name, title=name.replace("_", " ").capitalize(), summary=summary("audit", name), findings=tuple(ordered))


def _best(experiments: Iterable[Experiment]) -> tuple[Experiment, ...]:
    """For each data set and split the experiment of highest validation accuracy.

    The test part chooses nothing, not even a headline. One that was only tried out has no result. Experiments on other
    samples are never ranked together.
    """
    groups: dict[str, list[Experiment]] = {}
    for e in experiments:
        if e.scores and not e.smoke and e.dataset:
            groups.setdefault(e.samples, []).append(e)
    return tuple(max(own, key=lambda e: (e.scores and e.scores.ranking) or 0.0) for own in groups.values())


def _origin(shelf: Shelf, experiment: Experiment) -> Origin | None:
    """Trace the accuracy of an experiment back to the code."""
    record = shelf.maker("scores", experiment=experiment.name)
    if record is None or experiment.scores is None:
        return None
    steps = {r.step: r for r in shelf.records}
    folders = {f"{kind}s" for kind in plugins.VERBS}
    behind = [record, *(steps[name] for name in record.inputs if name in steps)]
    code = sorted({name for each in behind for name in each.basis["code"]})
    return Origin(
        shown=experiment.scores.all.accuracy.spread,
        experiment=experiment,
        table=experiment.tables["scores"],
        file=next(name for name, output in record.outputs.items() if output["kind"] == "scores"),
        place="views.all.metrics.accuracy.mean",
        step=record.step,
        key=record.key,
        record=tabulate.record_id(record.step),
        function=record.call,
        inputs=tuple(record.inputs),
        files=len(code),
        plugins=tuple(file for file in code if Path(file).parent.name in folders and not Path(file).name.startswith("_")),
    )
