"""People, their roles, and the organisations they belong to."""
