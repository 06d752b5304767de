from __future__ import annotations

from fedkd.errors import ExitCode


def test_every_exit_code_has_its_own_number() -> None:
    # In an enum a second name for one number silently becomes an alias.
    assert len(ExitCode.__members__) == len(list(ExitCode))


def test_every_exit_code_fits_a_process_and_says_what_it_means() -> None:
    for code in ExitCode:
        assert 0 <= code <= 255, code.name
        assert code.meaning.endswith("."), code.name
