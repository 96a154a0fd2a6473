"""What the pages kept for visitors are sent as."""

import pytest

from civic.core import page_cache


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("gzip", True), ("GZIP", True), ("br;q=1.0, gzip;q=0.2", True), ("gzip;q=0", False), ("gzip; q=0.00", False),
        ("br", False), ("x-gzip-like", False), ("", False),
    ],
)  # fmt: skip
def test_what_a_browser_reads_is_what_it_says(accepted: str, expected: bool) -> None:
    assert page_cache.reads_gzip(accepted) is expected
