"""Models that predict intensities of emotions: one file each, `build(spec)`."""
