"""An address is written as its country writes it, with its state where a letter needs one."""

from __future__ import annotations

import pytest

from ambidex.integrations.fake.label_paper import label_paper
from ambidex.kernel.address import address_lines


@pytest.mark.parametrize(
    ("address", "lines"),
    [
        (
            {"line1": "2100 Morse Rd", "city": "Columbus", "region": "OH", "postcode": "43217", "country": "US"},
            ["2100 Morse Rd", "Columbus, OH 43217"],
        ),
        (
            {"address1": "5 King St", "city": "Toronto", "province_code": "ON", "zip": "M5H 1A1", "country_code": "ca"},
            ["5 King St", "Toronto, ON M5H 1A1"],
        ),
        (
            {"line1": "9 Pitt St", "city": "Sydney", "state": "NSW", "postcode": "2000", "country": "AU"},
            ["9 Pitt St", "Sydney NSW 2000"],
        ),
        (
            {"line1": "1 Camden High St", "city": "London", "region": "Greater London", "postcode": "NW1 7JE", "country": "GB"},
            ["1 Camden High St", "London", "NW1 7JE"],
        ),
        (
            {"street1": "Hauptstraße 5", "city": "Köln", "state": "NRW", "zip": "50667", "country": "DE"},
            ["Hauptstraße 5", "50667 Köln"],
        ),
        (
            {"line1": "Via Roma 1", "city": "Torino", "region": "TO", "postcode": "10121", "country": "IT"},
            ["Via Roma 1", "10121 Torino TO"],
        ),
        (
            {"line1": "Av. Paulista 1", "line2": "ap. 3", "city": "São Paulo", "region": "SP", "postcode": "01310-100", "country": "BR"},
            ["Av. Paulista 1", "ap. 3", "São Paulo-SP", "01310-100"],
        ),
        ({"line1": "Box 1", "city": "Columbus", "postcode": "43217", "country": "US"}, ["Box 1", "Columbus, 43217"]),
        ({"line1": "Box 1", "city": "Columbus", "country": "US"}, ["Box 1", "Columbus"]),
        ({"line1": "Box 1", "city": "Recife", "country": "BR"}, ["Box 1", "Recife"]),
        (
            {"line1": "Rua 1", "city": "Maputo", "region": "Cidade", "postcode": "1100", "country": "MZ"},
            ["Rua 1", "Maputo 1100", "Cidade"],
        ),
        ({}, []),
    ],
)  # fmt: skip
def test_an_address_is_written_as_its_country_writes_it(address: dict[str, str], lines: list[str]) -> None:
    assert address_lines(address) == lines


def test_a_label_names_the_state_of_both_ends() -> None:
    here = {
        "name": "Columbus distribution center",
        "street1": "2100 Morse Rd",
        "city": "Columbus",
        "state": "OH",
    }
    there = {"name": "Nkechi Ueda", "street1": "8 Pine St", "city": "Portland", "state": "OR"}
    paper = label_paper(
        {
            "selected_rate": {"carrier": "Hare Post", "service": "Ground"},
            "tracking_code": "HP1",
            "from_address": {**here, "zip": "43217", "country": "US"},
            "to_address": {**there, "zip": "97201", "country": "US"},
            "print": "",
            "parcel": {"weight": 9},
        }
    ).decode()
    assert "Columbus, OH 43217" in paper
    assert "Portland, OR 97201" in paper
