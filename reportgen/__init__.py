"""reportgen: one study file in, a finished and self-checking research report on emotion recognition out."""

__version__ = "0.1.0"
