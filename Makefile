# Sala. `make help` lists what can be made.

VENV := .venv
BIN := $(VENV)/bin
PYTHON := $(BIN)/python
PORT ?= 8000
SIZE ?= full
PASSAGES ?= 1000000
PYTEST_ARGS ?=
# Without kept bytecode every process compiles four thousand modules when it starts.
unexport PYTHONDONTWRITEBYTECODE

TEMPLATES = $$(git ls-files --cached --others --exclude-standard -- '*.html' | sort -u)

# Stamps are written last, so a step that was interrupted is done again and one that is done is not.
VENV_READY := $(VENV)/.created
BASE_READY := $(VENV)/.base-installed
DEV_READY := $(VENV)/.dev-installed
ASSETS_READY := node_modules/.installed
MESSAGES_READY := var/.messages-compiled

.DEFAULT_GOAL := help
.PHONY: help demo setup setup-dev test check bench bench-search messages format services screenshots requirements clean

help:  ## Show this list
	@grep -E '^[a-z-]+:.*  ## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*  ## /\1\t/' | while IFS="$$(printf '\t')" read -r name text; do printf '  make %-13s %s\n' "$$name" "$$text"; done

# -- Installing ---------------------------------------------------------------------------------

$(VENV_READY):
	@scripts/setup.sh venv
	@touch $@

$(BASE_READY): $(VENV_READY) requirements/base.txt
	@scripts/setup.sh python requirements/base.txt
	@touch $@

$(DEV_READY): $(BASE_READY) requirements/dev.txt
	@scripts/setup.sh python requirements/dev.txt
	@touch $@

$(ASSETS_READY): $(VENV_READY) package.json package-lock.json .npmrc
	@scripts/setup.sh assets
	@touch $@

$(MESSAGES_READY): $(BASE_READY) $(wildcard locale/*/LC_MESSAGES/*.po locale/*/*/LC_MESSAGES/*.po)
	@mkdir -p var
	@$(PYTHON) scripts/compile_messages.py
	@touch $@

setup: $(BASE_READY) $(ASSETS_READY) $(MESSAGES_READY)

setup-dev: setup $(DEV_READY)

# -- Using --------------------------------------------------------------------------------------

demo: export DJANGO_SETTINGS_MODULE := lms.settings.dev
demo: export LMS_DEBUG := 0
demo: export LMS_SITE_URL := http://127.0.0.1:$(PORT)
demo: export PORT := $(PORT)
demo: setup  ## A filled site on this machine, on PORT (8000)
	@$(PYTHON) scripts/check_system.py --install --port $(PORT)
	@mkdir -p var/static
	@$(PYTHON) manage.py migrate --verbosity 0
	@$(PYTHON) manage.py demo
	@exec $(BIN)/gunicorn lms.wsgi -c scripts/gunicorn_demo.py

# -- Developing ---------------------------------------------------------------------------------

test: setup-dev  ## Run the tests on SQLite; PYTEST_ARGS is passed on
	@$(PYTHON) scripts/check_system.py
	@$(BIN)/pytest $(PYTEST_ARGS)

check: setup-dev  ## Formatting, lint, import rules, migrations, deployment settings, messages
	@echo "== Formatting: ruff format"; $(BIN)/ruff format --check --output-format concise . || { echo "Run: make format"; exit 1; }
	@echo "== Lint: ruff check"; $(BIN)/ruff check --quiet .
	@echo "== Templates: djhtml"; files=$(TEMPLATES); if [ -n "$$files" ]; then $(BIN)/djhtml --check --tabwidth 2 $$files || { echo "Run: make format"; exit 1; }; fi
	@echo "== Import rules: lint-imports"; $(BIN)/lint-imports --no-logo
	@echo "== Migrations: nothing missing"; DJANGO_SETTINGS_MODULE=lms.settings.test $(PYTHON) manage.py makemigrations --check --dry-run
	@echo "== Deployment settings: check --deploy"; \
		DJANGO_SETTINGS_MODULE=lms.settings.production LMS_ALLOWED_HOSTS=sala.example LMS_SITE_URL=https://sala.example \
		LMS_SECRET_KEY="$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(60))')" \
		$(PYTHON) manage.py check --deploy --fail-level WARNING
	@echo "== Messages: complete in both languages"; $(PYTHON) scripts/check_messages.py
	@echo "== Repository: nothing that does not belong"; $(PYTHON) scripts/check_repository.py
	@echo "All checks passed."

format: setup-dev  ## Format and sort what `make check` looks at
	@$(BIN)/ruff check --quiet --fix-only . || true
	@$(BIN)/ruff format .
	@files=$(TEMPLATES); if [ -n "$$files" ]; then $(BIN)/djhtml --tabwidth 2 $$files; fi

messages: setup-dev  ## Bring the Thai catalogue up to date with the sources (needs gettext)
	@$(PYTHON) scripts/update_messages.py
	@$(PYTHON) scripts/compile_messages.py
	@$(PYTHON) scripts/check_messages.py

bench: export DJANGO_SETTINGS_MODULE := lms.settings.dev
bench: export LMS_DEBUG := 0
bench: setup  ## Measure the pages of docs/benchmarks.md; SIZE=small is quick, SIZE=full is for the document
	@mkdir -p var
	@export LMS_DATABASE_URL="$${LMS_DATABASE_URL:-sqlite:///$(CURDIR)/var/bench-$(SIZE).sqlite3}"; \
		$(PYTHON) manage.py migrate --verbosity 0 && $(PYTHON) manage.py bench --size $(SIZE)
	@export LMS_DATABASE_URL="sqlite:///$(CURDIR)/var/bench-search-$(SIZE).sqlite3"; \
		$(PYTHON) manage.py migrate --verbosity 0 && \
		$(PYTHON) manage.py search_bench $(if $(filter full,$(SIZE)),10000 100000,1000)

bench-search: export DJANGO_SETTINGS_MODULE := lms.settings.dev
bench-search: export LMS_DEBUG := 0
bench-search: setup  ## Measure search among up to PASSAGES (1000000) on the database, 100000 on Elasticsearch; takes hours
	@mkdir -p var
	@export LMS_DATABASE_URL="$${LMS_DATABASE_URL:-sqlite:///$(CURDIR)/var/bench-search-full.sqlite3}"; \
		$(PYTHON) manage.py migrate --verbosity 0 && \
		$(PYTHON) manage.py search_bench 10000 100000 $(PASSAGES) --distinct 100000 && \
		if [ -n "$$LMS_ELASTICSEARCH_URL" ]; then $(PYTHON) manage.py search_bench 10000 100000 --engine elasticsearch; fi

services:  ## Start a private PostgreSQL and Redis for the tests; Ctrl-C ends them
	@scripts/services.sh

screenshots: setup-dev  ## Take the pictures of docs/instructor from the demo that is being served
	@$(PYTHON) scripts/instructor_screenshots.py http://127.0.0.1:$(PORT)

requirements: setup-dev  ## Lock the newest versions that requirements/*.in allow, with hashes
	@scripts/setup.sh lock

clean:  ## Remove what was made here: demo data, compiled files, environment, assets
	rm -rf $(VENV) node_modules var .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find locale -name '*.mo' -delete 2>/dev/null || true
