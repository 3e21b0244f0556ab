"""The rules of the call (docs/rules.csv), where the code enforces each and which tests prove it."""
