"""The public pages of a call."""
