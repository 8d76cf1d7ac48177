"""Progress: a bar on a terminal, lines in a log, whoever tells of it."""

import io
import threading

import pytest
from rich.console import Console

from scanner.cli import progress
from scanner.cli.progress import ProgressBar, ProgressLines, shown


@pytest.fixture
def bar(monkeypatch: pytest.MonkeyPatch) -> ProgressBar:
    """A bar on a terminal that keeps what is drawn."""
    console = Console(force_terminal=True, width=100, file=io.StringIO())
    monkeypatch.setattr(progress, "Console", lambda **_: console)
    return ProgressBar()


def drawn(of: ProgressBar) -> str:
    console = Console(width=100, file=io.StringIO())
    with console.capture() as text:
        console.print(of._progress.get_renderable())
    return text.get()


def test_a_bar_shows_rows_pages_reads_and_waits(bar: ProgressBar) -> None:
    with bar:
        bar.rows("resources", 2, 2000, 12_000)
        bar.reads(3, 40)
        bar.waiting(4.6, "the service's quota")
        text = drawn(bar)

    assert "2,000 of 12,000 rows, 2 pages" in text
    assert "3 of 40" in text
    assert "5 s: the service's quota" in text


def test_a_wait_is_gone_from_the_bar_when_something_moves(bar: ProgressBar) -> None:
    with bar:
        bar.waiting(5, "the service's quota")
        bar.rows("resources", 1, 1, 1)
        moved = drawn(bar)
        bar.waiting(5, "the service's quota")
        waits = drawn(bar)

    assert "quota" not in moved
    assert "quota" in waits


def test_threads_that_wait_at_once_share_a_bar(bar: ProgressBar) -> None:
    with bar:
        threads = [threading.Thread(target=bar.waiting, args=(5, "Azure answered 429")) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        text = drawn(bar)

    assert text.count("Azure answered 429") == 1


def test_lines_come_at_the_end_and_every_two_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressLines() as lines:
        for page in range(1, 6):
            lines.rows("resources", page, page * 1000, 5000)
        for done in range(1, 4):
            lines.reads(done, 3)
        for _ in range(3):
            lines.waiting(2, "Azure answered 503")

    assert capsys.readouterr().err.splitlines() == [
        "resources: 1,000 of 5,000 rows, 1 page",
        "resources: 5,000 of 5,000 rows, 5 pages",
        "ARM reads: 1 of 3",
        "ARM reads: 3 of 3",
        "waiting 2 s: Azure answered 503",
    ]


@pytest.mark.parametrize(("terminal", "kind"), [(True, ProgressBar), (False, ProgressLines)])
def test_a_terminal_gets_a_bar_and_a_log_gets_lines(
    terminal: bool, kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal)

    assert isinstance(shown(), kind)
