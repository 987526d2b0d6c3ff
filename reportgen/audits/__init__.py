"""What can be wrong with a study: one file is one check."""
