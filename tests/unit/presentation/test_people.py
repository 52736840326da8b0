"""What a decision answered, as people read it."""

from workflows_app.presentation import words
from workflows_app.presentation.people import told
from workflows_app.presentation.values import show


def test_an_answer_names_people_and_says_moments_in_the_time_of_the_office() -> None:
    answered = told("Already approved by person:mike on 2026-11-21 13:42:47 UTC.")

    assert answered.startswith("Already approved by mike on 21 Nov 2026 ")
    assert told("Silent since 2026-11-21 13:42 UTC: start a cluster.").startswith("Silent since 21 Nov 2026 ")
    assert told("The mailbox is full.") == "The mailbox is full."


def test_steps_and_their_kinds_are_called_what_they_do() -> None:
    titles = [words.step(name) for name in ("write_d1", "write_ns", "render_pdf", "ar_forecast_touch")]

    assert titles == ["Write our records", "Write NetSuite", "Render PDF", "AR forecast touch"]
    assert [words.step_kind(kind) for kind in ("d1_write", "a_new_kind")] == ["our records", "a new kind"]


def test_a_state_is_said_in_words_and_any_other_text_stands_as_it_is() -> None:
    assert str(show("final_notice", column="tier")) == "final notice"
    assert str(show("final_notice", column="subject")) == "final_notice"
