"""How good a map of emotions is, beside others: numpy and scikit-learn alone."""
