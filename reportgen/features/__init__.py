"""What is computed from samples without being fitted: one file is one feature."""
