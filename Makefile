# Each task is a function in scripts/tasks.py; without make: python3 -m scripts run
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
TASK = @test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: sudo apt-get install python3 python3-venv"; exit 1; }; \
	exec $(PYTHON) -m scripts
ARGS ?=

.PHONY: run test check bench demo-reset lock fmt

run: ## the portal with everything it needs, until Ctrl-C
	$(TASK) run
test: ## all tests, with servers and browser; ARGS="tests/calls -x" for some
	$(TASK) test $(ARGS)
check: ## format, lint, imports, types, templates, migrations, deployment
	$(TASK) check $(ARGS)
bench: ## pages beside their floors
	$(TASK) bench $(ARGS)
demo-reset: ## remove the embedded data and play the story again
	$(TASK) demo-reset
lock: ## requirements*.lock from pyproject.toml; ARGS=--upgrade for newer versions
	$(TASK) lock $(ARGS)
fmt: ## format code and templates
	$(TASK) fmt
