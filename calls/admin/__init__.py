"""Calls in Django's admin: opened, copied, checked, published and amended without a programmer."""

from calls.admin import call, parts

__all__ = ("call", "parts")
