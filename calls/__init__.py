"""Calls as data: rules, phases, criteria, scale, KPI definitions, questions (manual, chapters 4 and 5)."""
