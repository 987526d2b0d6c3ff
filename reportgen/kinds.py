"""The closed list of what steps write: the joint between the half that computes and the half that reports.

Steps hand each other *outputs*. An output is one file in the store; its stem is its kind.
"""

from collections.abc import Mapping

KINDS: Mapping[str, str] = {
    # of a data set (step `load`)
    "facts": "json: its `Facts`, with `n`, `counts` found {part: {class: n}}, `published_counts`, `parts`, `shape`, `notices`",
    "samples": "(sample, row, column) uint8 grey, or (sample, …) float32; restricted where its people did not agree",
    "labels": "(sample,) int16, index into facts.classes",
    "origin": "(sample,) int16, index into facts.parts: the part that the publisher put the sample in",
    "sources": "(sample,) text: file name or row, to find the sample again",
    "twins": "(sample,) int32: samples that are identical to the last bit share a number",
    "truth": "(sample, row, column) bool: region that was planted to carry the class (simulated data only)",
    "class_means": "(class, row, column) float32 in [0, 255]: mean over the publisher's training part",
    # of an EEG data set (step `load`); its `facts` have `rate` in Hz, `channels`, `positions` {channel: [x, y, z] m} or null,
    # `bands` or null, `subjects`, `sessions`, `recordings`, and n and counts are of trials
    "signals": "(time, channel) float32, or (window, channel, band) of given features: stretches one after another",
    "stretches": "json: {column: [value a stretch]}: subject, session, recording, trial, clip, label, start in s,"
    " offset, lead, length, tail in rows of `signals`: the trial itself lies from offset + lead on; dataset, of a pool",
    "quality": "json: {channels, recordings: [{subject, session, recording, seconds, measures: {name: [channel]}}]},"
    " see quality.py",
    "planted": "json: what was planted into simulated recordings, see datasets/eeg_sim.py",
    # of a data set of rated segments (step `load`); its `facts` have `scale`, `whole`, `videos`, `speakers`, `seconds`, `zero`
    # (segments without any emotion), `distinct` vectors, `raters` (median or null), `modalities` {name: {shape, missing}} and
    # `n_parts` {part: segments}; classes are emotions, and counts are segments in which one is present
    "intensities": "(segment, emotion) float32 in facts.scale, NaN where nobody rated it",
    "segments": "npz: {column: (segment,)}: video, speaker, part, source, text; start, stop in s since the video began; raters,"
    " -1 unknown. Segments of a video lie together, in the order of time",
    "rater_spread": "(segment, emotion) float32: standard deviation over raters, NaN unknown",
    "overall_ratings": "npz: {video: (video,) text, values: (video, emotion)}: ratings of whole videos, apart from segments",
    "modalities": "npz: {name: (segment, feature) or (segment, window, feature) float32}, NaN where missing; restricted",
    "transcripts": "(segment,) text, restricted like `samples`",
    # of an experiment that predicts intensities (task `regress`)
    "prepared": "npz: {modality: (segment, feature) or (segment, window, feature) float32}, see regression/preparing.py",
    "preparation": "json: {modalities: {name: {features, windows, missing, constant, text}}}: see regression/preparing.py",
    "preparation_arrays": "npz: {modality/what: array}: what was learned from the training part to prepare inputs",
    "vocabulary": "json: [term]: of transcripts, in the order of `preparation_arrays`",
    "regressor": "json: see steps/regress.py: a model of each set of modalities, and how it learned",
    "regressor_weights": "safetensors: {set/tensor}",
    "estimates": "npz: {set/part: (segment, emotion) float32 in facts.scale, part/segments: (segment,) int32}: predictions of"
    " the parts validation and test",
    "regression": "json: see regression/summary.py: all models and baselines, their errors, and which of them collapsed",
    # of an experiment that makes a map of emotions (task `embed`)
    "map": "json: see steps/embed.py: how it was fitted, where pure emotions lie, its limits",
    "map_weights": "safetensors: of the networks of the ensemble, with their orientation",
    "density": "npz: {x, y: edges of the grid, train, test: (row, column) share of segments in each cell}",
    "map_quality": "json: see embedding/quality.py: the map beside PCA and others, on segments that no fit has seen",
    "laid": "npz: {id: (segment, 2), id/spread: (segment, 2, 2), segments: index}: see steps/lay.py; of classifiers by sample",
    "laid_about": "json: see steps/lay.py: what lies on the map, how much of the true area it fills, how far from the truth",
    "trajectories": "json: see steps/lay.py: some videos over time: truth, predictions, and how far modalities agree",
    # of an experiment on EEG: what its features make of the signals (step `features`); with samples, labels, twins
    "features": "json: {chain: [{use, settings}], shape, axes, unit, names {axis: [name]}, channels, rate in Hz or null"
    " where samples differ, n, notices}",
    "rows": "npz: {column: (sample,)}: dataset, subject, session, recording, trial, clip, all text and unique in the study;"
    " index: of the window in its trial; start, stop in s since the recording began; rate in Hz",
    "interpolated": "json: the rows of `pieces` that were stretched to another length, where there are any",
    "pieces": "json: {column: [value a stretch]}: subject, session, recording, trial, clip, label and what was measured"
    " on the way: {name: [value]}",
    # of an experiment: how its samples are divided (step `split`)
    "split": "json: name, settings, counts {part: {class: n}}, test_origin, n_test, n_test_twin_free, folds [name]; of several"
    " folds, counts are the sum of the test parts and the mean of the others",
    "parts": "(sample,) or, of a split with folds, (fold, sample) uint8, index into PARTS",
    "twin_free": "(sample,) bool: no identical sample lies in train or validation",
    "rehearsal": "json: {model, loss, explainers}: what an untrained network was tried with (step `rehearse`)",
    # of an experiment and seed (steps `train`, `evaluate`)
    "model": "json: id, settings, trainable, buffers, layers [{name, type, shape, parameters}]",
    "weights": "safetensors: the chosen epoch's parameters and buffers, and how its input is standardised",
    "history": "json: epochs [{epoch, learning_rate, train_loss, train_accuracy, validation_loss, validation_accuracy}],"
    " chosen, stopped, smoke, chosen_by, loss, order, samples {train, validation}, standardise {mean, sd},"
    " levels {mean, sd} of the training part in grey values",
    "logits": "(sample, class) float32: of the test part, in the order of `test_samples`",
    "test_samples": "(sample,) int32, index into samples",
    "validation_logits": "(sample, class) float32: of the validation part in the order of the samples",
    "looks": "json: {test: how often the test part was looked at, by: [who]}",
    "validation_samples": "(sample,) int32, index into samples: of `validation_logits`, where folds are gathered",
    # of an experiment whose model is an estimator, a fold and a seed (step `fit`); step `evaluate` gathers the folds
    "fitted": "json: see estimating.py: {model, chosen, candidates [{name, validation}], scale, samples {train, validation},"
    " outliers {rule, threshold, trials [{trial, distance}]}}",
    "fold_logits": "(sample, class) float32: of the fold's test part, in the order of the samples",
    "fold_validation_logits": "(sample, class) float32: of its validation part, in the order of the samples",
    "canary": "json: see steps/canary.py: accuracy of the same estimator, fitted to shuffled labels",
    # of experiments that only differ in their split (step `contrast`)
    "contrast": "json: see contrast.py: the same model under several splits, unit by unit",
    # of an experiment that looks at the data (task `explore`)
    "spectra": "npz: see steps/spectra.py: power spectra of each class, channel and unit",
    "separation": "json: see steps/spectra.py: how far each channel and band separates the classes",
    "projection": "npz: see steps/projection.py: PCA and t-SNE of the features",
    "outliers": "json: see steps/outliers.py: what trimming and outlier trials do to the score",
    # of an experiment, all seeds (steps `evaluations`, `score`)
    "evaluations": "json: {ever: trainings that were tried on the test part since the store began, shown: those of this build}",
    "scores": "json: see metrics.py",
    # of an experiment and explainer (step `explain`)
    "explained": "json: [{sample, label, predicted, probability}] of the explained test samples",
    "explained_samples": "(image, row, column) uint8, restricted like `samples`",
    "explained_truth": "(image, row, column) bool",
    "superpixels": "(image, row, column) int16: segment of each pixel, from 0",
    "superpixel_weights": "(image, class, segment) float32, probability units; NaN beyond an image's own segments",
    "superpixel_signs": "(image, class, segment) float32 in [0, 1]: share of repeats with the weight's sign; NaN as there",
    "lime_quality": "json: [{sample, segments, samples, repeats, r2 [class], jaccard [class], kernel_width, engine,"
    " notes [text]}]: all samples and their R², Jaccard index of the top five between repeats",
    "attribution": "(image, class, row, column) float32, raw units of the explainer; of features the axes of a sample follow"
    " class, and what is stored is `relevance`",
    "feature_maps": "npz: {layer: (class, unit, row, column) float32}: class means over test samples, most selective first",
    "feature_units": "json: {layer: {units: [index], selectivity: [0..1], of: number of units}}",
    "attribution_means": "(class, row, column) float32: mean over reference test samples of each class of its own map",
    "attribution_about": "json: {method, layer, map_shape, unit, complete: {bias [class], largest_gap} | null}",
    "class_activation": "(image, class, map row, map column) float32, unit as attribution_about says, not enlarged;"
    " for cam: mean + bias = logit",
    # of an experiment and explainer, held against controls (step `judge`): see the modules of reportgen/judging
    "faithfulness": "json: see judging/faithfulness.py: deletion, insertion and ROAD beside four controls",
    "localisation": "json: see judging/localisation.py: pointing game and relevance inside the planted region",
    "randomisation": "json: see judging/randomisation.py: likeness of the maps as layers are randomised",
    # of an experiment whose settings are searched for (step `tune`)
    "trials": "json: see tuning/outcome.py: every trial, its settings, its course and its state",
    "tuned": "json: {settings {model, train}, trial, value, importance {parameter: share} | null}: the winner",
    "ranked_samples": "(sample,) int32, index into samples: what the trials were ranked on",
    # of the experiments on one data set and split (step `compare`)
    "comparison": "json: see comparison.py: scores side by side, paired tests, differences of each class",
    # of an experiment that trains networks on recordings, beside the above; its explainers (step `explain`) look at the
    # test samples of all folds, each through the network of its own fold. Units are subjects, see units.py
    "relevance": "npz: {mean: (class, …), units: (unit, class, …)} float32: relevance of each input for the logit of a class,"
    " mean over test samples of that class, NaN where a unit has none; input: (class, …) mean of the features",
    "relevance_about": "json: {method, unit, over: what units are, axes [of a map], units [name], n [class], folds,"
    " cells [[row, column] of each channel] of a grid or null}",
    "ideals": "npz: {layer: (target, …) float32}: input of largest activation, in standard deviations of the training part",
    "ideals_about": "json: {axes [of a sample], layers: {layer: {targets [class, or unit as text], activation [reached],"
    " samples [largest among test samples]}}, fold, cells as above}",
    "attention": "npz: {spectral: (unit, class, band), spatial: (unit, class, row, column), temporal: (unit, class, slice)}"
    " float32: mean weights over test samples, those that the network has; even weights are 1",
    "attention_about": "json: {names {axis: [name]}, cells [[row, column] of each channel], channels, over, units [name],"
    " n [class]}",
    "band_effect": "npz: see frequencies/effect.py: what each view says of each unit, class, frequency and channel",
    "band_views": "json: see frequencies/summary.py: ranges, peaks and strongest channels of each view, how views agree, what"
    " networks trained on shuffled labels show, what muscles may have done, and what was planted",
    "band_scores": "json: see steps/retrain.py: the same network trained on a single band (step `retrain`)",
    # of an experiment that makes synthetic samples (task `generate`), a generator, a fold and a seed (step `generate`)
    "synthetic": "(sample, …) float32, like `samples`; restricted where these are",
    "synthetic_labels": "(sample,) int16, index into facts.classes: the class that was asked for",
    "synthetic_source": "(sample, n) int32, index into samples: the training samples that each was made from",
    "generator": "json: {use, settings, keeps [score], diverged, notes [text], model {generator, discriminator} | null,"
    " weights [tensor], trained {samples, trials, seen}: see steps/generate.py",
    "generator_weights": "safetensors: of the generator that was kept",
    "course": "json: see generators/_adversarial.py: losses, accuracies of the discriminator, what was chosen by, and the"
    " same before the first update",
    # of the same, held against the test part (steps `liken`, `teach`); a candidate is a generator or a control
    "realism": "npz: {score: (1 + resample,) float64}: the score, and what it is on resamples of trials, see realism/",
    "realism_about": "json: see steps/liken.py: {scores {name: {why, …}}, n}: what was left out and why, and p of permutations",
    "taught": "npz: see steps/teach.py: logits of models that learned from synthetic samples, or from real ones, or from both",
    "taught_about": "json: see steps/teach.py: {model, trainings, n, left_out}",
    "signal_pair": "npz: see steps/beside.py: real, synthetic and nearest real samples side by side; restricted as `samples`",
    "signal_means": "npz: see steps/beside.py: spectra, band power, covariance and a plane of both",
    "signal_about": "json: see steps/beside.py: names and units of the two above",
    # of such an experiment (step `weigh`)
    "signal_scores": "json: see steps/weigh.py: all candidates, scores, floors and ceilings, ranks, and what follows from them",
    # of the study
    "findings": "json: [Finding]",
    "figure": "json: Figure without its pictures; beside it figure.svg|png, figure.csv, figure.plotly.json",
}
