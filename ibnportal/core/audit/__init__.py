"""The audit trail: append-only, chained per subject, written in the transaction of what it tells."""
