"""Euros: exact, with two places, rounded half up; what can't be read as an amount is refused, never taken as 0."""

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from ibnportal.core.errors import DomainError

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
NBSP = "\N{NO-BREAK SPACE}"
MAXIMUM = Decimal("9999999999.99")  # what a DecimalField(max_digits=12, decimal_places=2) holds

_SPACES = re.compile(r"[\s\u00a0\u202f\u2009']")
_DUTCH = re.compile(r"(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,(\d*))?")
_AS_DUTCH = str.maketrans(",.", ".,")
_POINT = re.compile(r"\d+\.\d{1,2}")


def euros(value: Decimal | str | float) -> Decimal:
    """The amount with exactly two places, half a cent up (away from zero). Raises ValueError for what is no number."""
    try:
        amount = value if isinstance(value, Decimal) else Decimal(str(value))
        if not amount.is_finite():
            raise ValueError(f"{value!r} is not an amount")
        return amount.quantize(CENT, rounding=ROUND_HALF_UP) + ZERO
    except InvalidOperation as error:
        raise ValueError(f"{value!r} is not an amount") from error


def parse_euros(value: object, *, allow_negative: bool = False) -> Decimal:
    """Read what a person typed or a workbook holds: "1.234,56", "€ 1 234,5", "1234.56", 1234.5.

    Raises DomainError with what is wrong; more than two decimals are refused when typed, rounded when computed (float).
    """
    if isinstance(value, bool) or value is None:
        raise DomainError("Vul een bedrag in, bijvoorbeeld 1.234,56.")
    if isinstance(value, Decimal | int | float):
        exact = Decimal(str(value))
        if not exact.is_finite():
            raise DomainError(f"“{value}” is geen bedrag.")
        amount = exact if abs(exact) > MAXIMUM else euros(exact)
    else:
        amount = _read_text(str(value))
    if abs(amount) > MAXIMUM:
        raise DomainError(f"Het bedrag {str(value)[:40]} is te groot. Kijk na of er geen cijfers te veel staan.")
    if amount < ZERO and not allow_negative:
        raise DomainError(f"Een negatief bedrag ({format_euros(amount)}) kan hier niet.")
    return amount


def _read_text(typed: str) -> Decimal:
    shown = typed.strip()[:40]
    text = _SPACES.sub("", typed).replace("−", "-")
    text = re.sub(r"^(-?)(?:€|EUR)(-?)|(?:€|EUR)$", r"\1\2", text, flags=re.IGNORECASE)
    if not text:
        raise DomainError("Vul een bedrag in, bijvoorbeeld 1.234,56.")
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    if not digits.isascii():
        raise DomainError(f"“{shown}” is geen bedrag. Schrijf het zoals 1.234,56.")
    if _POINT.fullmatch(digits):
        digits = digits.replace(".", ",")
    read = _DUTCH.fullmatch(digits)
    if read is None:
        raise DomainError(
            f"“{shown}” is geen bedrag. Schrijf het zoals 1.234,56: een komma voor de centen, een punt per duizend."
        )
    if len(read.group(1) or "") > len("00"):
        raise DomainError(f"“{shown}” heeft meer dan twee cijfers na de komma. Rond af op de cent.")
    plain = Decimal(sign + digits.replace(".", "").replace(",", "."))
    return plain if abs(plain) > MAXIMUM else euros(plain)


def format_euros(amount: Decimal | int, *, cents: bool = True) -> str:
    """`€ 1.234,56` as Dutch in Belgium writes it, with a space that does not break; `cents=False` rounds to euros.

    A negative amount has its sign at the figure, behind the euro sign: `€ -5.000,00`, the pattern of nl-BE in Unicode's CLDR; `parse_euros`
    reads it back. Zero never has a sign, also when it was rounded from below.
    """
    exact = euros(amount)
    text = f"{exact:,.2f}" if cents else f"{exact.quantize(Decimal(1), rounding=ROUND_HALF_UP) + 0:,}"
    return f"€{NBSP}" + text.translate(_AS_DUTCH)
