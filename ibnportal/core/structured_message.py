"""The Belgian structured message of a payment (OGM-VCS): ten digits and two check digits, by which a bank statement is matched."""

from stdnum.be import ogm_vcs

STEM = 10
RECOVERIES = 8_000_000_000
"""Where the numbers of recoveries begin, so that a message is never of a tranche and of a recovery."""


def structured_message(number: int) -> str:
    """`+++000/0000/00196+++` for 1. Raises ValueError for what does not fit in ten digits."""
    stem = f"{number:0{STEM}d}"
    if number < 0 or len(stem) > STEM:
        raise ValueError(f"{number} does not fit in a structured message")
    return f"+++{ogm_vcs.format(stem + ogm_vcs.calc_check_digits(stem))}+++"


def is_valid(message: str) -> bool:
    """Whether length and check digits are right."""
    return bool(ogm_vcs.is_valid(message.strip("+")))
