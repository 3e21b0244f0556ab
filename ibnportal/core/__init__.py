"""Foundations that know nothing of calls: people, audit, files, outbox, money, working days."""
