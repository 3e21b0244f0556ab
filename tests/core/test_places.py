import pytest

from ibnportal.core import places
from ibnportal.core.places import Province

pytestmark = pytest.mark.rule("P1-LET-02")


@pytest.mark.parametrize(
    ("postcode", "province", "is_flemish"),
    [
        ("1000", Province.BRUSSELS, False),
        ("1299", Province.BRUSSELS, False),
        ("1300", Province.WALLOON_BRABANT, False),
        ("1499", Province.WALLOON_BRABANT, False),
        ("1500", Province.FLEMISH_BRABANT, True),
        ("1999", Province.FLEMISH_BRABANT, True),
        ("2000", Province.ANTWERP, True),
        ("3000", Province.FLEMISH_BRABANT, True),
        ("3499", Province.FLEMISH_BRABANT, True),
        ("3500", Province.LIMBURG, True),
        ("3999", Province.LIMBURG, True),
        ("4000", Province.LIEGE, False),
        ("5000", Province.NAMUR, False),
        ("6599", Province.HAINAUT, False),
        ("6600", Province.LUXEMBOURG, False),
        ("7000", Province.HAINAUT, False),
        ("8000", Province.WEST_FLANDERS, True),
        ("9000", Province.EAST_FLANDERS, True),
        ("9999", Province.EAST_FLANDERS, True),
        ("B-9000", Province.EAST_FLANDERS, True),
        ("0999", None, False),
        ("90000", None, False),
        ("Gent", None, False),
        ("", None, False),
    ],
)
def test_the_province_follows_from_the_postcode(postcode, province, is_flemish):
    assert places.province_of(postcode) == province
    assert places.is_flemish(postcode) is is_flemish
    assert bool(places.explain(postcode)) is not is_flemish


def test_a_postcode_elsewhere_is_explained():
    assert "1000 ligt niet in het Vlaamse Gewest maar in Brussels Hoofdstedelijk Gewest" in places.explain("1000")
    assert "vier cijfers" in places.explain("1234 AB")
