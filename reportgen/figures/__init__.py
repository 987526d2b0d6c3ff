"""Figures: one file draws one answer from stored outputs, and knows nothing of the page it lands on."""
