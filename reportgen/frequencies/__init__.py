"""Which frequencies a network uses: four views of it, measured on test samples, and what they come to."""
