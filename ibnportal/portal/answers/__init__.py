"""Saved questions: what parliament, evaluators, management and auditors ask, each a function from what is asked to a table."""
