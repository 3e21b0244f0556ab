"""What must always be true of the whole database and the file store; `manage.py check_invariants` asks it all.

An app registers its invariants in its own module `invariants.py`, which is found by its name.
"""

from collections.abc import Callable, Iterable, Iterator

from django.utils.module_loading import autodiscover_modules

Check = Callable[[], Iterable[str]]

_registry: dict[str, Check] = {}


def invariant(name: str) -> Callable[[Check], Check]:
    """Register a function that yields one sentence per breach and nothing when all is well. Names are unique."""

    def register(check: Check) -> Check:
        known = _registry.setdefault(name, check)
        if known is not check and known.__qualname__ != check.__qualname__:
            raise ValueError(f"Two invariants are called {name!r}.")
        _registry[name] = check
        return check

    return register


def registered() -> dict[str, Check]:
    """Every invariant by name, those of all apps included."""
    autodiscover_modules("invariants")
    return dict(sorted(_registry.items()))


def breaches() -> Iterator[tuple[str, str]]:
    """(name, breach) for everything that is not as it must be."""
    for name, check in registered().items():
        for breach in check():
            yield name, breach
