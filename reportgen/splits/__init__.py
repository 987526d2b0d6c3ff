"""Ways to divide samples into training, validation and test: one file is one way."""
