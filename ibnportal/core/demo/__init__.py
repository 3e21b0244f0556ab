"""The demo: everybody's login and a clock that travels. All of it answers 404 when settings.DEMO is off."""
