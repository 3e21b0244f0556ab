"""Pitches, advice, experts, scores, ranking, committee, decisions and decision sheets (manual 5.2.3, 5.3.3 to 5.3.5)."""
