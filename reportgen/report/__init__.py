"""From a build in the store to pages, website and PDF. Nothing here imports torch or reads raw data."""
