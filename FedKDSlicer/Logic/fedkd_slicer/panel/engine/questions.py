"""All questions of a tab that are under way, looked after by the panel's one timer."""

from __future__ import annotations

from collections.abc import Callable

from fedkd_slicer.panel.engine.python_choice import EnginePython
from fedkd_slicer.panel.engine.question import Question
from fedkd_slicer.panel.engine.trouble import Trouble


class Questions:
    """Under each name the newest question only: whoever asks again does not want the older answer."""

    def __init__(self) -> None:
        self._asked: dict[str, Question] = {}

    @property
    def any_open(self) -> bool:
        """True while an answer is awaited."""
        return bool(self._asked)

    def ask(
        self,
        python: EnginePython,
        arguments: tuple[str, ...],
        answered: Callable[[str], None],
        failed: Callable[[Trouble], None],
    ) -> None:
        """Ask; the first argument names the question."""
        self.forget(arguments[0])
        question = Question(python, arguments, answered, failed)
        if not question.is_over:
            self._asked[arguments[0]] = question

    def forget(self, name: str) -> None:
        """Stop waiting for an answer."""
        earlier = self._asked.pop(name, None)
        if earlier is not None:
            earlier.close()

    def look(self) -> None:
        """Tell the answers that are there."""
        for name, question in tuple(self._asked.items()):
            # Taken out first: who is told may ask the same again.
            if question.has_answer:
                del self._asked[name]
                question.look()

    def close(self) -> None:
        """Wait for nothing any more."""
        for name in tuple(self._asked):
            self.forget(name)
