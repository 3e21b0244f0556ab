"""Every address of the portal says who may open it; the sweep in `tests/guards` tries whether that is true."""

from ibnportal.core.access import walk


def test_every_pattern_declares_who_may_open_it():
    assert [
        f"{namespace}:{pattern.name} {route}" for route, namespace, pattern, policy in walk() if policy is None
    ] == []
