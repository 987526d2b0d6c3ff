"""Parametric t-SNE: networks that put intensities of emotions into a plane."""
