"""Makers of synthetic samples, networks and plain ones: one file each, its verb `generate`."""
