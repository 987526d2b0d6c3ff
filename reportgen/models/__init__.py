"""Networks: one file is one model."""
