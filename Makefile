# Two commands are enough: `make run` for the whole system, `make test` for every test. `make help` lists the rest.
.DEFAULT_GOAL := help
.PHONY: bench messages help setup setup-tests run demo services test check lint shell manage clean-demo

# The first Python that runs and is new enough (version managers leave names behind that do not run).
IS_NEW := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c '$(IS_NEW)' >/dev/null 2>&1 && echo $$p && exit; done; echo python3)
VENV_PYTHON := .venv/bin/python
ARGS ?=

help: ## các lệnh có sẵn
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

setup: ## cài mọi thứ cần để chạy (lần sau xong ngay)
	@$(PYTHON) config/stack/setup.py

setup-tests:
	@$(PYTHON) config/stack/setup.py --tests

run: setup ## chạy toàn bộ hệ thống với dữ liệu trình diễn, dừng bằng Ctrl-C
	@exec $(VENV_PYTHON) -m config.stack run

demo: run ## như make run

services: setup ## chỉ chạy PostgreSQL và Valkey
	@exec $(VENV_PYTHON) -m config.stack services

test: setup-tests ## chạy kiểm thử, kể cả trình duyệt; chọn bớt bằng ARGS="tests/hoso -k clock"
	@$(VENV_PYTHON) -m pytest -n $(or $(WORKERS),2) $(ARGS)

check: setup-tests lint ## mọi kiểm tra, đúng như CI
	@$(VENV_PYTHON) -m pytest -n $(or $(WORKERS),2) $(ARGS)

lint: setup
	$(VENV_PYTHON) -m ruff format --check .
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m mypy
	.venv/bin/lint-imports
	$(VENV_PYTHON) -m djlint --quiet --lint templates

shell: setup ## dòng lệnh Python với dữ liệu đang có
	@$(VENV_PYTHON) -m config.stack exec python manage.py shell

manage: setup ## một lệnh quản trị bất kỳ: make manage ARGS="createsuperuser"
	@$(VENV_PYTHON) -m config.stack exec python manage.py $(ARGS)

bench: setup ## đo tốc độ trên cơ sở dữ liệu riêng: make bench ARGS="--dossiers 100000"
	@$(VENV_PYTHON) -m config.stack exec python manage.py bench $(ARGS)

clean-demo: ## xóa dữ liệu trình diễn (có hỏi lại)
	@$(VENV_PYTHON) -m config.stack clean

messages: setup ## đọc lại mọi câu chữ của trang người dân và biên dịch bản tiếng Anh
	@DEV=1 $(VENV_PYTHON) manage.py makemessages -l en --no-location --no-obsolete -i ".venv/*" -i "var/*" -i "tests/*"
	@msgfmt --check-format -o locale/en/LC_MESSAGES/django.mo locale/en/LC_MESSAGES/django.po
