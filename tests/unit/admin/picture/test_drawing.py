"""Laws of the picture, for every released contract, for one that uses everything, and for made-up ones."""

import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from tests.planning import contract_of, released
from workflows_app.admin.picture import Look, Picture, State, anchor, picture
from workflows_app.admin.picture.layout import DETAIL_SIZE, TITLE_SIZE, Frame
from workflows_app.admin.picture.text import width
from workflows_app.contracts.load import load_file
from workflows_app.contracts.schema import ContextEntry, Contract, Expression, PostAction, Precondition
from workflows_app.runner.catalog import catalog

NAMES = sorted(path.stem for path in (Path(settings.BASE_DIR) / "fixtures" / "contracts").glob("*.yaml"))
GOOD = sorted((Path(settings.BASE_DIR) / "tests" / "contracts" / "good").glob("*.yaml"))
CONTRACTS = [*(released(name) for name in NAMES), *(load_file(path, catalog()).contract for path in GOOD)]
TITLES = [
    "01 / Trigger",
    "02 / Context + preconditions",
    "03 / HITL gate (Mike approves)",
    "04 / Fan-out cascade",
    "05 / Post actions (log_run + reflexion + events)",
    "06 / Verify (SQL / R2 / HTTP checks)",
]
MARK = {
    "name": "mark_it",
    "kind": "d1_write",
    "operations": [{"update": "spec_items", "where": {"item_code": "A"}, "set": {"active": False}}],
}
every_contract = pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.workflow_type)


def keys(contract: Contract) -> list[str]:
    """Every named part of a contract."""
    post = ["log_run", "event", *(["reflexion"] if contract.reflexion.enabled else [])]
    return [
        "trigger",
        "gate",
        *(f"context:{entry.name}" for entry in contract.context),
        *(f"check:{check.check}" for check in contract.preconditions),
        *(f"step:{step.name}" for step in contract.fan_out),
        *(f"post:{name}" for name in dict.fromkeys([*post, *(action.id for action in contract.post_actions)])),
        *(f"verify:{check.name}" for check in contract.verify),
    ]


def svg(drawn: Picture) -> str:
    html = render_to_string("admin/countersign/picture.html", {"picture": drawn})
    return html[html.index("<svg") : html.index("</svg>")]


def problems(drawn: Picture) -> Iterator[str]:
    """Everything that stands where it must not."""
    boxes = [(box.part.key, box.frame) for box in drawn.boxes]
    for (one, first), (other, second) in combinations(boxes, 2):
        if overlap(first, second):
            yield f"{one} lies on {other}"
    for key, frame in boxes:
        if not inside(frame, Frame(x=0, y=0, width=drawn.width, height=drawn.height, lines=())):
            yield f"{key} leaves the picture"
        for line in frame.lines:
            size = TITLE_SIZE if line.role == "title" else DETAIL_SIZE
            if line.x < frame.x or line.x + width(line.text, size) > frame.x + frame.width:
                yield f"{line.text} leaves {key} at its side"
            if line.y - size < frame.y or line.y + 2 > frame.y + frame.height:
                yield f"{line.text} leaves {key} above or below"


def overlap(one: Frame, other: Frame) -> bool:
    apart = one.x + one.width <= other.x or other.x + other.width <= one.x
    return not (apart or one.y + one.height <= other.y or other.y + other.height <= one.y)


def inside(inner: Frame, outer: Frame) -> bool:
    right, bottom = inner.x + inner.width <= outer.width, inner.y + inner.height <= outer.height
    return inner.x >= outer.x and inner.y >= outer.y and right and bottom


@every_contract
def test_every_named_part_appears_exactly_once(contract: Contract) -> None:
    drawn = picture(contract)

    assert sorted(box.part.key for box in drawn.boxes) == sorted(keys(contract))
    labels = re.findall(r'<a [^>]*aria-label="([^"]*)"', svg(drawn))
    assert sorted(labels) == sorted(box.part.title for box in drawn.boxes)


@every_contract
def test_no_box_lies_on_another_and_every_text_fits_its_box(contract: Contract) -> None:
    assert list(problems(picture(contract))) == []
    assert list(problems(picture(contract, states={"trigger": State.DONE}, notes={"gate": "by mike, " * 9}))) == []


@every_contract
def test_the_six_lanes_are_those_of_the_seeds(contract: Contract) -> None:
    drawn = picture(contract)

    assert [lane.title for lane in drawn.lanes] == TITLES
    assert [look.value for look in drawn.legend] == [
        "User", "UI", "Agent logic", "Policy", "Tool action", "Context / trace",
    ]  # fmt: skip
    for lane in drawn.lanes:
        assert " ".join(line.text for line in lane.frame.lines) == lane.title


@every_contract
def test_every_box_leads_to_its_own_place(contract: Contract) -> None:
    hrefs = [box.href for box in picture(contract).boxes]

    assert sorted(hrefs) == sorted(f"#{anchor(key)}" for key in keys(contract))


@given(data=st.data())
def test_a_made_up_contract_is_drawn_as_well(data: st.DataObject) -> None:
    names = st.lists(st.from_regex(r"[a-z][a-z0-9_]{0,79}", fullmatch=True), max_size=12, unique=True)
    contract = contract_of(MARK).model_copy(
        update={
            "context": tuple(ContextEntry(name=name, sql="SELECT 1") for name in data.draw(names)),
            "preconditions": tuple(
                Precondition(check=name, rule=Expression("a = 1"), severity="warn") for name in data.draw(names)
            ),
            "post_actions": tuple(PostAction(id=name, action="x") for name in data.draw(names)),
        }
    )
    states = {key: data.draw(st.sampled_from(State)) for key in keys(contract)}

    drawn = picture(contract, states=states)

    assert sorted(box.part.key for box in drawn.boxes) == sorted(keys(contract))
    assert list(problems(drawn)) == []


def test_states_light_boxes_up_in_colour_sign_and_words() -> None:
    drawn = picture(released("new_customer.v2"), states={"step:write_d1": State.DONE, "step:write_ns": State.FAILED})

    boxes = {box.part.key: box for box in drawn.boxes}
    assert boxes["step:write_d1"].said == "write_d1: done"
    assert boxes["step:write_d1"].css == "look-tool is-done"
    assert boxes["verify:customer_persisted"].state == State.PENDING
    text = svg(drawn)
    assert text.count(">✓<") == 1
    assert text.count(">✗<") == 1
    assert 'aria-label="write_ns: failed"' in text


def test_a_caller_says_where_boxes_lead_and_what_they_note() -> None:
    drawn = picture(
        released("new_customer.v2"),
        links={"gate": "/card/"},
        base="/contract/7/",
        notes={"step:write_d1": "2 of 3 done"},
    )

    boxes = {box.part.key: box for box in drawn.boxes}
    assert boxes["gate"].href == "/card/"
    assert boxes["trigger"].href == "/contract/7/#trigger"
    assert [line.text for line in boxes["step:write_d1"].frame.lines][1] == "2 of 3 done"


def test_a_workflow_without_a_gate_says_so() -> None:
    gate = next(box for box in picture(released("anomaly_remediation.v2")).boxes if box.part.key == "gate")

    assert gate.part.title == "No HITL"
    assert gate.part.look is Look.AGENT


def test_a_hostile_title_stays_text() -> None:
    contract = released("new_customer.v2").model_copy(update={"title": '"><script>alert(1)</script>'})

    assert "<script" not in svg(picture(contract))


@every_contract
def test_the_picture_is_small_and_asks_for_nothing(contract: Contract) -> None:
    text = svg(picture(contract))

    assert len(text.encode()) < 20_000
    for forbidden in ("style=", "onclick", "http://", "https://", "<image", "<script"):
        assert forbidden not in text


def test_the_same_in_words_names_every_part_and_its_state() -> None:
    drawn = picture(released("customer_quote.v2"), states={"gate": State.WAITING})

    html: Any = render_to_string("admin/countersign/picture.html", {"picture": drawn})
    words = html[html.index("<ol") : html.index("</ol>")]
    for box in drawn.boxes:
        assert f">{box.part.title}</a>" in words
    assert "<strong>waiting</strong>" in words
    assert "Safety checks that must pass before any writes." in words
