"""Belgian enterprise numbers (KBO): ten digits, the first 0 or 1, the last two 97 minus the rest modulo 97 (X-43, P1-LET-03)."""

from functools import lru_cache

from stdnum.be import vat

from ibnportal.core.errors import DomainError

LENGTH = 10
MODULUS = 97


def normalise(typed: str) -> str:
    """Only the ten digits of what was typed ("BE 0566.988.259", "566.988.259", "(0)566…"); no judgement, see `explain`."""
    if len(typed) == LENGTH and typed.isascii() and typed.isdigit():
        return typed  # as every number in the database
    text = "".join(str(typed).replace("\N{NO-BREAK SPACE}", " ").split())
    return str(vat.compact(text))


def is_valid(typed: str) -> bool:
    """Whether length, first digit and check digits are right; whether the enterprise exists is another matter."""
    return not explain(typed)


@lru_cache(maxsize=4096)
def explain(typed: str) -> str:
    """What is wrong with the number, in one Dutch sentence; empty when nothing is. A register of letters asks it of each, on every page."""
    number = normalise(typed)
    if not number:
        return "Vul het ondernemingsnummer in: tien cijfers, zoals 0566.988.259."
    if not (number.isascii() and number.isdigit()):
        return f"“{str(typed)[:40]}” is geen ondernemingsnummer: gebruik alleen cijfers, zoals 0566.988.259."
    if len(number) != LENGTH:
        return f"Een ondernemingsnummer heeft tien cijfers; “{str(typed).strip()[:40]}” heeft er {len(number)}."
    if number[0] not in "01":
        return f"Een ondernemingsnummer begint met 0 of 1; {format(number)} begint met {number[0]}."
    if not vat.is_valid(number):
        expected = f"{MODULUS - int(number[:-2]) % MODULUS:02d}"
        return (
            f"Het controlegetal van {format(number)} klopt niet: bij de eerste acht cijfers horen als laatste twee "
            f"{expected}, niet {number[-2:]}. Kijk het nummer na in de Kruispuntbank van Ondernemingen."
        )
    return ""


def parse(typed: str) -> str:
    """The ten digits of a valid number; raises DomainError with what is wrong."""
    problem = explain(typed)
    if problem:
        raise DomainError(problem, rule_id="P1-LET-03")
    return normalise(typed)


def format(number: str) -> str:  # noqa: A001 - enterprise_numbers.format(number) reads well
    """`0566.988.259`; what is not ten digits comes back as it was."""
    digits = normalise(number)
    return f"{digits[:4]}.{digits[4:7]}.{digits[7:]}" if len(digits) == LENGTH and digits.isdigit() else str(number)
