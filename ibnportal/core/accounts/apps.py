"""People and organisations."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Holds the user model."""

    name = "ibnportal.core.accounts"
    label = "accounts"
    verbose_name = "Mensen en organisaties"
