"""App configuration of the look."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Holds no models: templates tags, navigation, the style guide."""

    name = "ibnportal.core.ui"
    label = "ui"
    verbose_name = "Vormgeving"
