"""Cached units of work: one file is one step, called by name."""
