"""What an experiment does, as a plan of steps: one file is one task. Nothing here imports torch."""
