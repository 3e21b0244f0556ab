"""Initiatives on their way through a call: drafts, letters, budget, submissions, admissibility (manual 4 and 5)."""
