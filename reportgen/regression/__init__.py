"""Predicting intensities: what a model is given, how well it does, and whether it collapsed."""
