"""What is known of CMU-MOSEI, in whichever form it lies on disk."""

EMOTIONS = ("happy", "sad", "anger", "surprise", "disgust", "fear")
"""In the order of the label files, which have the sentiment before them."""
SCALE = (0.0, 3.0)  # from "no evidence of it" to "highly"
LICENCE = (
    "None stated for the data, which were made for research. Features, times and labels of YouTube videos are published; the"
    " videos are not, for the privacy of those who made them, and stay theirs."
)
CONSENT = (
    "The speakers put their videos on YouTube. That they agreed to have their emotions rated and learned from is not known."
)
CITATION = (
    "Zadeh, A. B., Liang, P. P., Poria, S., Cambria, E., & Morency, L.-P. (2018). Multimodal language analysis in the wild:"
    " CMU-MOSEI dataset and interpretable dynamic fusion graph. Proceedings of the 56th Annual Meeting of the Association for"
    " Computational Linguistics, 2236–2246."
)
BIBLIOGRAPHY = """@inproceedings{zadeh2018mosei,
  author = {Zadeh, AmirAli Bagher and Liang, Paul Pu and Poria, Soujanya and Cambria, Erik and Morency, Louis-Philippe},
  title = {Multimodal Language Analysis in the Wild: {CMU-MOSEI} Dataset and Interpretable Dynamic Fusion Graph},
  booktitle = {Proceedings of the 56th Annual Meeting of the Association for Computational Linguistics},
  pages = {2236--2246},
  year = {2018},
  doi = {10.18653/v1/P18-1208}
}"""
LIMITS = (
    "Three crowd workers rated each segment, one sentence of a monologue, with whole points from 0 to 3, and the mean of the"
    " three is all that is published: ratings lie on a coarse grid, how far the raters agree is not known, and no score can"
    " be set beside theirs. They say what strangers perceive, not what a speaker felt. Most intensities are zero and some"
    " sentences show no emotion at all, so that a model which always says nothing has a small error. The speakers chose to"
    " be on YouTube and speak English; who they are is not in the files, so that one speaker may be in several videos and in"
    " training and test. Do not judge persons with what was trained on them."
)
