"""Readers and simulators of data: one file is one data set, its name the id."""
