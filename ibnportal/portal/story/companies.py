"""Fictional companies with valid check digits and addresses in Flanders, the same ones at every run."""

from dataclasses import dataclass
from itertools import product

_FIRST_NUMBER = 9_900_001

_STEMS = (
    "Aarschot", "Balder", "Corvus", "Demer", "Elzenhof", "Fenix", "Gavers", "Hageland", "Ijzer", "Jachtlaan",
    "Kempen", "Leie", "Maasoever", "Nete", "Ossenblok", "Polder", "Quercus", "Rupel", "Schelde", "Taxandria",
)  # fmt: skip
_TRADES = (
    "Materialen", "Systemen", "Engineering", "Techniek", "Recyclage", "Software", "Componenten", "Logistiek",
    "Labs", "Constructie",
)  # fmt: skip
_FORMS = ("nv", "bv", "bv", "cv")
_PLACES = (
    ("9000", "Gent", "Nieuwewandeling"), ("2000", "Antwerpen", "Londenstraat"), ("3000", "Leuven", "Kapeldreef"),
    ("8500", "Kortrijk", "Doorniksewijk"), ("3500", "Hasselt", "Ilgatlaan"), ("2800", "Mechelen", "Zandvoortstraat"),
    ("9300", "Aalst", "Industrielaan"), ("8800", "Roeselare", "Beversesteenweg"), ("3600", "Genk", "Europalaan"),
    ("1800", "Vilvoorde", "Havenstraat"), ("2300", "Turnhout", "Campus Blairon"), ("9100", "Sint-Niklaas", "Kleine Laan"),
)  # fmt: skip
_GIVEN = ("An", "Bram", "Chantal", "Dries", "Els", "Farid", "Greet", "Hanne", "Ilse", "Joris", "Kaat", "Lotte")
_FAMILY = ("Peeters", "Janssens", "Maes", "Jacobs", "Mertens", "Willems", "Claes", "Goossens", "Wouters", "De Smet")


@dataclass(frozen=True, slots=True)
class Company:
    """A fictional company as it stands on a letter of intent."""

    name: str
    enterprise_number: str
    contact_name: str
    contact_email: str
    street: str
    postcode: str
    municipality: str


def enterprise_number(serial: int) -> str:
    """The ten digits of fictional company `serial`: eight of its own and two check digits."""
    base = _FIRST_NUMBER + serial
    return f"{base:08d}{97 - base % 97:02d}"


def company(serial: int) -> Company:
    """Fictional company number `serial` (0 to 199), the same at every call."""
    stem, trade = list(product(_STEMS, _TRADES))[(serial * 7) % (len(_STEMS) * len(_TRADES))]
    postcode, municipality, street = _PLACES[serial % len(_PLACES)]
    given, family = _GIVEN[serial % len(_GIVEN)], _FAMILY[(serial // 3) % len(_FAMILY)]
    domain = f"{stem}-{trade}".lower()
    return Company(
        name=f"{stem} {trade} {_FORMS[serial % len(_FORMS)]}",
        enterprise_number=enterprise_number(serial),
        contact_name=f"{given} {family}",
        contact_email=f"{given}.{family.replace(' ', '')}@{domain}.example".lower(),
        street=f"{street} {serial % 90 + 1}",
        postcode=postcode,
        municipality=municipality,
    )
