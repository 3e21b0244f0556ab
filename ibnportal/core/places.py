"""Postcodes and the Flemish Region: a pre-check only (X-47, AMB-06). A person decides."""

import re
from functools import lru_cache

from django.db import models

POSTCODE = re.compile(r"[1-9]\d{3}")


class Province(models.TextChoices):
    """The provinces, and Brussels beside them."""

    ANTWERP = "antwerp", "Antwerpen"
    BRUSSELS = "brussels", "Brussels Hoofdstedelijk Gewest"
    EAST_FLANDERS = "east_flanders", "Oost-Vlaanderen"
    FLEMISH_BRABANT = "flemish_brabant", "Vlaams-Brabant"
    HAINAUT = "hainaut", "Henegouwen"
    LIEGE = "liege", "Luik"
    LIMBURG = "limburg", "Limburg"
    LUXEMBOURG = "luxembourg", "Luxemburg"
    NAMUR = "namur", "Namen"
    WALLOON_BRABANT = "walloon_brabant", "Waals-Brabant"
    WEST_FLANDERS = "west_flanders", "West-Vlaanderen"


FLEMISH = frozenset(
    {Province.ANTWERP, Province.EAST_FLANDERS, Province.FLEMISH_BRABANT, Province.LIMBURG, Province.WEST_FLANDERS}
)

_LAST_OF_RANGE = (
    (999, None),
    (1299, Province.BRUSSELS),
    (1499, Province.WALLOON_BRABANT),
    (1999, Province.FLEMISH_BRABANT),
    (2999, Province.ANTWERP),
    (3499, Province.FLEMISH_BRABANT),
    (3999, Province.LIMBURG),
    (4999, Province.LIEGE),
    (5999, Province.NAMUR),
    (6599, Province.HAINAUT),
    (6999, Province.LUXEMBOURG),
    (7999, Province.HAINAUT),
    (8999, Province.WEST_FLANDERS),
    (9999, Province.EAST_FLANDERS),
)


@lru_cache(maxsize=4096)
def province_of(postcode: str) -> Province | None:
    """The province a Belgian postcode lies in; None for what is no Belgian postcode."""
    text = _compact(postcode)
    if not POSTCODE.fullmatch(text) or not text.isascii():
        return None
    return next(province for last, province in _LAST_OF_RANGE if int(text) <= last)


def is_flemish(postcode: str) -> bool:
    """Whether the postcode lies in the Flemish Region, as far as four digits tell."""
    return province_of(postcode) in FLEMISH


def explain(postcode: str) -> str:
    """Why this postcode does not pass for an establishment in Flanders, in one Dutch sentence; empty when it does."""
    text = _compact(postcode)
    if not text:
        return "Vul de postcode van de vestiging in Vlaanderen in."
    province = province_of(text)
    if province is None:
        return f"“{str(postcode).strip()[:20]}” is geen Belgische postcode: vul vier cijfers in."
    if province not in FLEMISH:
        return (
            f"Postcode {text} ligt niet in het Vlaamse Gewest maar in {province.label}. "
            "Vul het adres van een vestiging in Vlaanderen in; de zetel mag elders liggen."
        )
    return ""


def _compact(postcode: str) -> str:
    text = "".join(str(postcode).split()).upper()
    return text.removeprefix("BE-").removeprefix("B-")


_FLEMISH_HUNDREDS = "|".join(str(hundred) for hundred in range(10, 100) if is_flemish(f"{hundred}00"))

FLEMISH_PATTERN = rf"^\s*([Bb][Ee]?-)?({_FLEMISH_HUNDREDS})[0-9]{{2}}\s*$"
"""What `is_flemish` says, as a pattern for the database."""
