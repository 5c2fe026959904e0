"""An address as its country writes it: which parts stand on which line, and where a state or province belongs.

After Google's libaddressinput (https://github.com/google/libaddressinput) for the countries named; a state is left out
where letters do without it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# what sources call the parts of an address
_CALLED = {
    "line1": ("line1", "address1", "street1", "street"),
    "line2": ("line2", "address2", "street2"),
    "city": ("city",),
    "postcode": ("postcode", "zip", "postal_code"),
    "region": ("region", "province_code", "state", "province"),
    "country": ("country_code", "country"),
}
_TOWN_FIRST, _CODE_FIRST = "{city} {postcode}", "{postcode} {city}"
# the lines below the street, separated by |
_TOWN = {
    **dict.fromkeys(("US", "CA"), "{city}, {region} {postcode}"),
    **dict.fromkeys(("AU", "NZ"), "{city} {region} {postcode}"),
    **dict.fromkeys(("IN", "ID"), "{city} {postcode}|{region}"),
    **dict.fromkeys(("GB",), "{city}|{postcode}"),
    **dict.fromkeys(("IE",), "{city}|{region}|{postcode}"),
    **dict.fromkeys(("BR",), "{city}-{region}|{postcode}"),
    **dict.fromkeys(("MX", "MY"), "{postcode} {city}, {region}"),
    **dict.fromkeys(("IT", "ES"), "{postcode} {city} {region}"),
    **dict.fromkeys(("JP", "KR", "CN", "TW", "TH", "VN", "PH"), "{city}, {region} {postcode}"),
    **dict.fromkeys(
        ("DE", "AT", "CH", "FR", "BE", "NL", "LU", "DK", "SE", "NO", "FI", "IS", "PL", "CZ", "SK", "PT", "GR", "HR"),
        _CODE_FIRST,
    ),
    **dict.fromkeys(("SI", "EE", "LT", "LV", "RO", "BG", "TR", "IL"), _CODE_FIRST),
    **dict.fromkeys(("HU", "SG", "HK"), _TOWN_FIRST),
}  # fmt: skip
_ELSEWHERE = "{city} {postcode}|{region}"


def address_parts(address: Mapping[str, Any]) -> dict[str, str]:
    """The fields of an address under our names, whatever its source called them."""
    return {
        name: next((str(address[each]).strip() for each in called if address.get(each)), "")
        for name, called in _CALLED.items()
    }


def address_lines(address: Mapping[str, Any]) -> list[str]:
    """The lines of an address without name and country, as letters there have them; lines without a word are left out."""
    said = address_parts(address)
    pattern = _TOWN.get(said["country"].upper(), _ELSEWHERE)
    lines = (said["line1"], said["line2"], *(_filled(line, said) for line in pattern.split("|")))
    return [line for line in lines if line]


def _filled(line: str, said: Mapping[str, str]) -> str:
    """A line without what is between parts that are missing."""
    text = re.sub(r"\s+", " ", line.format_map(said)).strip(" ,-")
    return text.replace(" ,", ",")
