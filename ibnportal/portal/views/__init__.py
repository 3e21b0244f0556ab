"""Pages that compose the apps: public, first screen, portfolio."""
