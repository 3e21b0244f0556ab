"""What somebody typed and sent after their session had ended: kept until they are logged in again, then offered back.

It waits in the browser's own session (anonymous by then), so nobody else can meet it; a login keeps it, a logout drops it.
"""

from typing import Any

from django.http import HttpRequest, QueryDict

KEY = "typed_before_login"
MAX_CHARACTERS = 400_000
_NOT_TYPED = frozenset({"csrfmiddlewaretoken"})


def keep(request: HttpRequest) -> None:
    """Keep the text fields of this POST for its address; one that is too long to be typed is not kept."""
    typed = {name: values for name, values in request.POST.lists() if name not in _NOT_TYPED}
    if typed and sum(len(value) for values in typed.values() for value in values) <= MAX_CHARACTERS:
        request.session[KEY] = {"path": request.path, "typed": typed}


def take(request: HttpRequest) -> QueryDict | None:
    """What was kept for this address, once; None when there is nothing."""
    kept: Any = request.session.get(KEY)
    if not kept or kept.get("path") != request.path:
        return None
    del request.session[KEY]
    data = QueryDict(mutable=True)
    for name, values in kept["typed"].items():
        data.setlist(name, values)
    return data
