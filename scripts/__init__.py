"""What `make` runs: prepares the environment, starts the servers, and runs the portal or its tests.

Standard library only, Python 3.11 or newer: it runs before anything is installed.
"""
