"""Stored models on a user's own files: `reportgen apply`."""
