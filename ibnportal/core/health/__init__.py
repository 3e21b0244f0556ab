"""Is the portal able to answer?"""
