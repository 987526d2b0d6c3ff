"""Inputs of regressors: standardised, nothing missing, transcripts as numbers; all learned from the training part alone.

Each feature is centred and divided by its standard deviation over training segments, their windows among them; missing
numbers, infinite ones too, become the training mean; features that do not vary in the training part are dropped. Of
transcripts, words and pairs of words are weighted by TF-IDF and summarised by their leading directions (latent semantic
analysis: Deerwester et al. 1990, J. Am. Soc. Inf. Sci. 41, 391), in which each segment gets the length 1: otherwise those with
common words alone, which lie near the origin, would be everybody's neighbours. All directions are divided by one number, so
that those of large variance go on to weigh more; the modality is called `text`.

Kind `preparation` is the JSON object

    {"modalities": {name: {"features": after preparing, 0: none varies, so that the modality is left out,
                           "windows": of a segment, or 1, "missing": share of numbers that were missing or infinite,
                           "absent": segments without any number, "constant": features dropped,
                           "text": null or {"terms", "components", "explained": share of the variance of TF-IDF, "empty":
                                            segments that say nothing; they count as missing}}}}

and `prepare NAME` adds {"trained": {"segments", "videos"}, "left_out": segments that nobody rated}. Kind `preparation_arrays`
has {name/kept: (feature,) bool, name/mean, name/sd: (kept feature,) float64}, of text also text/idf (term,) and
text/directions (component, term).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from reportgen.errors import DataError

TEXT = "text"
"""What transcripts are called among modalities; `transcript` where the data have a modality of that name."""
_SAME = 1e-6  # of its size: a feature that varies less is constant, up to rounding of float32


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Inputs of all segments, and what is needed to make them of others."""

    arrays: Mapping[str, np.ndarray]  # {modality: (segment, feature) or (segment, window, feature) float32}
    preparation: Mapping[str, Any]  # {"modalities": …}
    learned: Mapping[str, np.ndarray]  # kind `preparation_arrays`
    vocabulary: Sequence[str]  # (term,)


def prepare(
    modalities: Mapping[str, np.ndarray],
    transcripts: Sequence[str] | None,
    train: np.ndarray,
    *,
    terms: Annotated[int, Ge(10), Doc("words and pairs of words of transcripts that count, the most frequent ones")] = 5000,
    components: Annotated[int, Ge(1), Doc("numbers that transcripts are summarised by")] = 100,
    least: Annotated[int, Ge(1), Doc("training segments that a term occurs in, at least")] = 2,
) -> Prepared:
    """Learn from the training part, and apply it to all segments.

    Args:
        modalities: {name: (segment, feature) or (segment, window, feature)}, NaN or infinite where missing.
        transcripts: (segment,), "" where nothing is said; None without any.
        train: (segment,) bool: what may be learned from.
        terms: see above.
        components: fewer are made of a small vocabulary.
        least: see above.
    """
    told: dict[str, Any] = {}
    learned: dict[str, np.ndarray] = {}
    vocabulary: list[str] = []
    for name, values in modalities.items():
        own, told[name] = _learned(values, train)
        learned |= {f"{name}/{what}": array for what, array in own.items()}
    if transcripts is not None and any(transcripts):
        text = TEXT if TEXT not in modalities else "transcript"
        own, told[text], vocabulary = _learned_text(transcripts, train, terms, components, least)
        learned |= {f"{text}/{what}": array for what, array in own.items()}
    preparation = {"modalities": told}
    arrays = applied(preparation, learned, vocabulary, modalities, transcripts)
    return Prepared(arrays=arrays, preparation=preparation, learned=learned, vocabulary=vocabulary)


def applied(
    preparation: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
    vocabulary: Sequence[str],
    modalities: Mapping[str, np.ndarray],
    transcripts: Sequence[str] | None,
) -> dict[str, np.ndarray]:
    """Prepare segments, new ones too, with what was learned: {modality: (segment, …, feature) float32}.

    The same segment gives the same numbers, whatever others are beside it. Modalities of which no feature varies are left out.

    Raises:
        DataError: a modality is missing, or has other numbers than the one that was learned from.
    """
    made = {}
    for name, told in preparation["modalities"].items():
        own = {key.removeprefix(f"{name}/"): array for key, array in arrays.items() if key.startswith(f"{name}/")}
        if told["text"] is None:
            values = _checked(name, modalities, told, len(own["kept"]))
        else:
            values = _summarised(_said(name, transcripts), vocabulary, own)
        if told["features"]:
            made[name] = _standardised(values, own)
    return made


def _checked(name: str, modalities: Mapping[str, np.ndarray], told: Mapping[str, Any], features: int) -> np.ndarray:
    if name not in modalities:
        raise DataError(f"there is no modality '{name}'", "Give all modalities that the model learned from.")
    values = modalities[name]
    windows = values.shape[1] if values.ndim == 3 else 1
    if values.ndim not in (2, 3) or (windows, values.shape[-1]) != (told["windows"], features):
        raise DataError(
            f"modality '{name}': {windows} × {values.shape[-1]} (window, feature), learned from {told['windows']} × {features}",
            "Give features of the kind that the model learned from.",
        )
    return values


def _said(name: str, transcripts: Sequence[str] | None) -> Sequence[str]:
    if transcripts is None:
        raise DataError(f"there are no transcripts for modality '{name}'", "Give what is said in each segment.")
    return transcripts


def _known(values: np.ndarray) -> np.ndarray:
    """Missing and infinite numbers as NaN, in float64."""
    numbers = np.asarray(values, np.float64)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _learned(values: np.ndarray, train: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """What to do with the features of a modality, and what is told of it."""
    known = _known(values)
    rows = known[train].reshape(-1, known.shape[-1])
    there = ~np.isnan(rows)
    count = np.maximum(there.sum(axis=0), 1)
    mean = np.where(there, rows, 0).sum(axis=0) / count
    sd = np.sqrt(np.where(there, (rows - mean) ** 2, 0).sum(axis=0) / count)
    kept = sd > _SAME * np.abs(mean)
    missing = np.isnan(known)
    told = {
        "features": int(kept.sum()),
        "windows": known.shape[1] if known.ndim == 3 else 1,
        "missing": float(missing.mean()) if missing.size else 0.0,
        "absent": int(missing.reshape(len(known), -1).all(axis=1).sum()),
        "constant": int((~kept).sum()),
        "text": None,
    }
    return {"kept": kept, "mean": mean[kept], "sd": sd[kept]}, told


def _standardised(values: np.ndarray, own: Mapping[str, np.ndarray]) -> np.ndarray:
    scaled = (_known(values)[..., own["kept"]] - own["mean"]) / own["sd"]
    return np.where(np.isnan(scaled), 0, scaled).astype(np.float32)


def _weigher(vocabulary: Sequence[str] | None = None, **limits: int) -> TfidfVectorizer:
    """Counts words and pairs of words; the logarithm of a count, as what is said twice is not twice as telling."""
    return TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), strip_accents="unicode", vocabulary=vocabulary, **limits)


def _learned_text(
    transcripts: Sequence[str], train: np.ndarray, terms: int, components: int, least: int
) -> tuple[dict[str, np.ndarray], dict[str, Any], list[str]]:
    """What to do with transcripts, what is told of them, and the vocabulary."""
    said = np.asarray(transcripts, dtype=object)
    full = np.array([bool(text.strip()) for text in transcripts])
    own: dict[str, np.ndarray] = {"kept": np.zeros(0, bool), "mean": np.zeros(0), "sd": np.zeros(0)}
    own |= {"idf": np.zeros(0), "directions": np.zeros((0, 0), np.float32)}
    text = {"terms": 0, "components": 0, "explained": 0.0, "empty": int((~full).sum())}
    told = {"features": 0, "windows": 1, "missing": float((~full).mean()), "absent": text["empty"], "constant": 0, "text": text}
    weigher = _weigher(max_features=terms, min_df=least)
    try:
        weighed = weigher.fit_transform(said[train & full])
    except ValueError:  # too few words: fewer segments than `least`, or none with a term that occurs so often
        return own, told, []
    vocabulary = [str(term) for term in weigher.get_feature_names_out()]
    variance = weighed.multiply(weighed).mean(axis=0) - np.square(weighed.mean(axis=0))
    if len(vocabulary) < 2 or variance.max() < _SAME**2:
        return own, told, []
    summary = TruncatedSVD(min(components, len(vocabulary) - 1, weighed.shape[0]), n_iter=7, random_state=0).fit(weighed)
    own |= {"idf": weigher.idf_, "directions": summary.components_.astype(np.float32)}
    rows = _summarised(said[train & full], vocabulary, own)
    found = len(own["directions"])
    spread = np.sqrt(rows.var(axis=0).mean())
    if spread < _SAME:
        return own, told, []
    own |= {"kept": np.ones(found, bool), "mean": rows.mean(axis=0), "sd": np.full(found, spread)}
    text |= {"terms": len(vocabulary), "components": found, "explained": float(summary.explained_variance_ratio_.sum())}
    return own, told | {"features": found}, vocabulary


def _summarised(transcripts: Sequence[str], vocabulary: Sequence[str], own: Mapping[str, np.ndarray]) -> np.ndarray:
    """(segment, component), NaN of a segment that says nothing.

    A sparse row times a dense matrix is summed term by term, so that it does not depend on the rows beside it.
    """
    if not len(own["idf"]):
        return np.zeros((len(transcripts), 0))
    weigher = _weigher(vocabulary)
    weigher.idf_ = own["idf"]
    rows = np.asarray(weigher.transform(transcripts) @ np.asarray(own["directions"].T, np.float64))
    length = np.linalg.norm(rows, axis=1, keepdims=True) if rows.shape[1] > 1 else np.ones((len(rows), 1))
    empty = np.array([not text.strip() for text in transcripts], bool)
    return np.where(empty[:, None], np.nan, rows / np.where(length > 0, length, 1))
