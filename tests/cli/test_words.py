import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory.cli import words


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        ("0 2 * * *", "daily at 02:00"),
        ("30 6,18 * * *", "daily at 06:30, 18:30"),
        ("@daily", "daily at 00:00"),
        ("@Hourly", "hourly at :00"),
        ("5 * * * *", "hourly at :05"),
        ("* * * * *", "every minute"),
        ("*/1 * * * *", "every minute"),
        ("*/15 * * * *", "every 15 minutes"),
        ("0 */6 * * *", "every 6 hours at :00"),
        ("0 9 * * 1", "Monday at 09:00"),
        ("0 9 * * MON,thu", "Monday, Thursday at 09:00"),
        ("0 9 * * 0,7", "Sunday at 09:00"),
        ("0 9 * * 1-5", "Monday to Friday at 09:00"),
        ("15 3 1 * *", "day 1 of the month at 03:15"),
        ("@weekly", "Sunday at 00:00"),
    ],
)
def test_a_schedule_is_said_in_words(cron: str, said: str) -> None:
    assert words.schedule(cron) == said


@pytest.mark.parametrize(
    "cron",
    [
        "*/7 * * * *",  # not every 7 minutes: it starts anew each hour
        "0 */5 * * *",
        "0 9 1 1 *",
        "0 9 13 * 5",
        "0 9 L * *",
        "0 9 * * 5#2",
        "0-10 2 * * *",
        "0 2 * * 1-3",
    ],
)
def test_a_schedule_that_words_would_distort_stays_cron(cron: str) -> None:
    assert words.schedule(cron) == cron


@given(st.text())
def test_any_text_has_words(text: str) -> None:
    assert isinstance(words.schedule(text), str)


def test_counts_have_separators_and_a_plural() -> None:
    assert words.count(1, "row") == "1 row"
    assert words.count(1048575, "row") == "1,048,575 rows"
    assert words.count(0, "entry", "entries") == "0 entries"
