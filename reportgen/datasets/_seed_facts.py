"""What the facts of all data sets of the SEED family share."""

LICENCE = (
    "Access on application to the BCMI laboratory of Shanghai Jiao Tong University, with a signed agreement; for research"
    " only, not to be passed on."
)
CONSENT = (
    "The people took part in a study of emotion and agreed to it, as its publication says; whether they agreed to more"
    " than research by those who applied is not known."
)
CULTURE_CITATION = (
    "Liu, W., Zheng, W.-L., Li, Z., Wu, S.-Y., Gan, L., & Lu, B.-L. (2022). Identifying similarities and differences in"
    " emotion recognition with EEG and eye movements among Chinese, German, and French people. Journal of Neural"
    " Engineering, 19(2), 026012."
)
CULTURE_BIBTEX = """@article{liu2022identifying,
  author = {Liu, Wei and Zheng, Wei-Long and Li, Ziyi and Wu, Si-Yuan and Gan, Lu and Lu, Bao-Liang},
  title = {Identifying Similarities and Differences in Emotion Recognition with {EEG} and Eye Movements among {Chinese},
    {German}, and {French} People},
  journal = {Journal of Neural Engineering},
  volume = {19},
  number = {2},
  pages = {026012},
  year = {2022},
  doi = {10.1088/1741-2552/ac5c8d}
}"""
_COMMON = (
    " The films are the same for all subjects, so that a model can learn the film and not the emotion: only a split that"
    " keeps the films of its test part out of training tells them apart. The label is that of the film, not what the"
    " person said to have felt. Windows of one trial are nearly the same sample: scores above nine of ten mostly come from"
    " splits that put windows of one trial into both parts, from choosing the model on the test part, or from smoothing"
    " over both. Muscles of the face are strong in the gamma band at temporal sites."
)


def limits(own: str) -> str:
    """What no conclusion can rest on: of one data set, and of all."""
    return own + _COMMON
