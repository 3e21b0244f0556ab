"""The portal's own tags and filters for templates: `{% load ui %}`. The style guide (`/stijlgids/`) shows them all.

One library in two files: `marks` for what a page shows, `menus` for how one moves from page to page.
"""

from django import template

from ibnportal.core.ui import marks, menus

register = template.Library()
for part in (marks.register, menus.register):
    register.tags.update(part.tags)
    register.filters.update(part.filters)
