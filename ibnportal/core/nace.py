"""Sectors of activity: NACE codes and the section that each falls under (NACE Rev. 2). Only the form is checked, not the existence."""

import re

_CODE = re.compile(r"(\d{2})(?:\.?(\d{1,3}))?")

_LAST_DIVISION = (
    (3, "A", "Landbouw, bosbouw en visserij"),
    (9, "B", "Winning van delfstoffen"),
    (33, "C", "Industrie"),
    (35, "D", "Energie"),
    (39, "E", "Water, afval en sanering"),
    (43, "F", "Bouw"),
    (47, "G", "Handel"),
    (53, "H", "Vervoer en opslag"),
    (56, "I", "Horeca"),
    (63, "J", "Informatie en communicatie"),
    (66, "K", "Financiën en verzekeringen"),
    (68, "L", "Vastgoed"),
    (75, "M", "Vrije beroepen, wetenschap en techniek"),
    (82, "N", "Administratieve en ondersteunende diensten"),
    (84, "O", "Openbaar bestuur"),
    (85, "P", "Onderwijs"),
    (88, "Q", "Gezondheid en maatschappelijke dienstverlening"),
    (93, "R", "Kunst, amusement en recreatie"),
    (96, "S", "Overige diensten"),
    (98, "T", "Huishoudens"),
    (99, "U", "Extraterritoriale organisaties"),
)


def normalise(typed: str) -> str:
    """`62.010` of "62010", "62.01" of "6201": two digits, a point, the rest; what is no code comes back as it was."""
    text = "".join(str(typed).split())
    found = _CODE.fullmatch(text)
    if found is None:
        return text
    return f"{found[1]}.{found[2]}" if found[2] else found[1]


def explain(typed: str) -> str:
    """What is wrong with the code, in one Dutch sentence; empty when nothing is, or when there is none."""
    text = normalise(typed)
    if not text:
        return ""
    if _CODE.fullmatch(text) is None or section_of(text) is None:
        return f"“{str(typed).strip()[:20]}” is geen NACE-code: twee tot vijf cijfers, bijvoorbeeld 62.01."
    return ""


def section_of(code: str) -> tuple[str, str] | None:
    """(letter, name) of the section; None for what is no code."""
    text = normalise(code)
    if _CODE.fullmatch(text) is None or int(text[:2]) == 0:
        return None
    division = int(text[:2])
    return next(((letter, name) for last, letter, name in _LAST_DIVISION if division <= last), None)
