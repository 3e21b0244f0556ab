"""Stored files: content-addressed, checked for what they are, served by permission only."""
