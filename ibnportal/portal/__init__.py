"""Composes the apps into dashboards and dossier pages; imports all, imported by none."""
