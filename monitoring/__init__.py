"""Agreements, networks, members, contributions, reports, tranches and settlements (manual 4.2.4 and 5.4)."""
