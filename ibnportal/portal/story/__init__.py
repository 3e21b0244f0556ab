"""A fictional story on the real call of 2025: initiatives in every stage, played through the domain's own verbs.

Companies, people and initiatives here do not exist; their enterprise numbers lie in a range that the
register has never given out.
"""
