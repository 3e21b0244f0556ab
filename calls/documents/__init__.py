"""Files in and out of a call; no queries of their own."""
