"""Forms about calls: those of the administration and those of the public pages."""
