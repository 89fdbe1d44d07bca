"""Progress bars. The only module that imports rich, for it costs a tenth of a second."""

from types import TracebackType
from typing import Self, TextIO

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.progress import BarColumn, SpinnerColumn, Task, TaskID, TextColumn
from rich.progress import Progress as RichProgress
from rich.text import Text

from factory.cli.step import Step, done, pace
from factory.cli.terminal import cut, wants_color
from factory.orchestration.amounts import duration
from factory.redact import redact

_TITLE = 44  # columns


class _Spinner(SpinnerColumn):
    """Turns while a step lasts, also where a step does not know its length."""

    def render(self, task: Task) -> RenderableType:
        return Text(" ") if task.fields["over"] else super().render(task)


class Bars:
    """One bar a step; finished ones stay on the screen."""

    interval = 0.05

    def __init__(self, stream: TextIO) -> None:
        console = Console(file=stream, no_color=not wants_color(stream), highlight=False)
        self._rich = RichProgress(
            _Spinner(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[amount]}", justify="right"),
            TextColumn("{task.fields[pace]}", style="dim", justify="right"),
            TextColumn("{task.fields[elapsed]}", style="dim", justify="right"),
            console=console,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        self._rich.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._rich.stop()

    def update(self, step: Step) -> None:
        self._draw(step, step.total, over=False)

    def finish(self, step: Step) -> None:
        self._draw(step, step.done if step.total is None else step.total, over=True)
        self._task = None

    def say(self, text: str) -> None:
        self._rich.console.print(Text(redact(text), style="yellow"))

    def _draw(self, step: Step, total: int | None, *, over: bool) -> None:
        if self._task is None:
            self._task = self._rich.add_task(
                escape(cut(step.title, _TITLE)),
                total=None,
                amount="",
                pace="",
                elapsed="",
                over=False,
            )
        self._rich.update(
            self._task,
            completed=step.done,
            total=total,
            over=over,
            amount=done(step),
            pace=pace(step),
            elapsed=duration(step.elapsed),
        )
