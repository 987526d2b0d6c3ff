"""Where a model looks: one file is one explainer."""
