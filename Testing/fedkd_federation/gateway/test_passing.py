"""A good site's models pass, whatever their size, and lines stay open while nobody speaks."""

from __future__ import annotations

import pytest

from builders.gateways import SERVICE, EnrolledSite, channel_of
from fedkd_federation.gateway.coordinator_files import CoordinatorFiles
from fedkd_federation.gateway.passed_log import read_passed, totals

# Fed-BioMed sends models in pieces of 4 MB, and lets single messages be as large as 100 MB.
PIECE = bytes(4_000_000)
LARGEST_MESSAGE = 100 * 1024 * 1024


@pytest.fixture
def site_with_gateways(running: CoordinatorFiles, site: EnrolledSite) -> EnrolledSite:
    return site


def test_a_hundred_megabytes_go_up(site_with_gateways: EnrolledSite) -> None:
    with channel_of(site_with_gateways) as channel:
        send = channel.stream_unary(f"/{SERVICE}/ReplyTask")
        assert send((PIECE for _ in range(25)), timeout=120) == b"100000000"


def test_a_hundred_megabytes_come_down(site_with_gateways: EnrolledSite) -> None:
    with channel_of(site_with_gateways) as channel:
        parts = channel.unary_stream(f"/{SERVICE}/GetTaskUnary")(b"100000000 0", timeout=120)
        assert sum(map(len, parts)) == 100_000_000


def test_the_largest_message_passes_in_one_piece(site_with_gateways: EnrolledSite) -> None:
    message = bytes(LARGEST_MESSAGE - 1000)
    with channel_of(site_with_gateways) as channel:
        assert channel.stream_unary(f"/{SERVICE}/ReplyTask")(iter([message]), timeout=120) == str(len(message)).encode()


def test_a_line_on_which_nobody_speaks_for_more_than_a_minute_stays_open(site_with_gateways: EnrolledSite) -> None:
    """A site waits for its next task for as long as the others take. nginx by itself would cut after 60 s."""
    with channel_of(site_with_gateways) as channel:
        parts = channel.unary_stream(f"/{SERVICE}/GetTaskUnary")(b"4000001 62", timeout=120)
        assert [len(part) for part in parts] == [4_000_000, 1]


def test_both_ends_write_down_how_much_passed_and_to_whom(running: CoordinatorFiles, site: EnrolledSite) -> None:
    with channel_of(site) as channel:
        channel.stream_unary(f"/{SERVICE}/ReplyTask")((PIECE for _ in range(5)), timeout=120)
        list(channel.unary_stream(f"/{SERVICE}/GetTaskUnary")(b"8000000 0", timeout=120))
    here = totals(read_passed(site.files.nginx))
    there = totals(read_passed(running.nginx))
    assert [(one.site, one.status, one.requests) for one in here] == [("aachen", 200, 2)]
    assert [(one.site, one.status, one.requests) for one in there] == [("aachen", 200, 2)]
    # Headers and framing come on top: less than one percent.
    assert 20_000_000 < here[0].sent_bytes < 20_200_000
    assert 20_000_000 < there[0].received_bytes < 20_200_000
    assert 8_000_000 < here[0].received_bytes < 8_080_000
    assert 8_000_000 < there[0].sent_bytes < 8_080_000
    newest = list(read_passed(site.files.nginx))[-1]
    assert newest.peer == str(running.read_settings().listen)
    assert newest.request == f"/{SERVICE}/GetTaskUnary"
