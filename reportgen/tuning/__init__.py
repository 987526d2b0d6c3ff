"""Searching for settings: trials that train for a while, and go on only if they are among the best so far."""
