import pytest

from tests.unit.netsuite.sandbox.visitor import Visitor, refusal


@pytest.fixture
def three(visitor: Visitor) -> Visitor:
    """Ada, Bea and Ada's branch."""
    visitor.new("customer", companyName="Ada", creditLimit=100)
    visitor.new("customer", companyName="Bea 100%", creditLimit=200, isInactive=True)
    visitor.new("customer", companyName="Ada's branch", email="a@example.com")
    return visitor


def found(visitor: Visitor, q: str) -> list[str]:
    answer = visitor.send("GET", "/customer", params={"q": q})
    assert answer.status_code == 200, answer.text
    return [visitor.read(f"/customer/{item['id']}")["companyName"] for item in answer.json()["items"]]


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ('companyName START_WITH "ada"', ["Ada", "Ada's branch"]),
        ('companyName IS "ADA"', ["Ada"]),
        ('companyName CONTAIN "%"', ["Bea 100%"]),
        ("creditLimit GREATER 100", ["Bea 100%"]),
        ("creditLimit GREATER_OR_EQUAL 100 AND isInactive IS false", ["Ada"]),
        ('(companyName IS "Ada" OR companyName START_WITH "Bea") AND creditLimit BETWEEN 150 250', ["Bea 100%"]),
        ("email EMPTY", ["Ada", "Bea 100%"]),
        ("email EMPTY_NOT", ["Ada's branch"]),
        ('companyName START_WITH_NOT "Ada"', ["Bea 100%"]),
        ('lastModifiedDate AFTER "1/1/2019"', ["Ada", "Bea 100%", "Ada's branch"]),
    ],
)
def test_conditions(three: Visitor, q: str, expected: list[str]) -> None:
    assert found(three, q) == expected


@pytest.mark.parametrize(
    "q",
    [
        "companyName IS 'Ada'",
        'shoeSize IS "1"',
        'companyName LIKE "A"',
        "creditLimit GREATER many",
        "companyName",
        'companyName IS "A" OR',
        '(companyName IS "A"',
        'companyName IS "A")',
        'lastModifiedDate AFTER "2019-01-01"',
        "balance GREATER 1",
    ],
)
def test_what_is_no_condition_is_refused(three: Visitor, q: str) -> None:
    answer = three.send("GET", "/customer", params={"q": q})

    assert refusal(answer)[:2] == (400, "INVALID_PARAMETER")
    assert answer.json()["o:errorDetails"][0]["o:errorQueryParam"] == "q"


def test_it_gives_ids_and_links_by_page(three: Visitor) -> None:
    page = three.send("GET", "/customer?limit=2").json()

    assert (page["count"], page["totalResults"], page["hasMore"]) == (2, 3, True)
    assert all(set(item) == {"links", "id"} for item in page["items"])
    assert three.send("GET", "/customer?limit=2&offset=1").status_code == 400
