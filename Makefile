# Everything this project does from a bare machine with Python 3.11 or newer.
# The logic lives in dev/; see `python3 -m dev`.

PYTHON ?= python3
dev = @exec $(PYTHON) -m dev

.PHONY: help demo test lint bench look messages fuzz
help:
	$(dev)
demo: ; $(dev) demo
test: ; $(dev) test $(ARGS)
lint: ; $(dev) lint
bench: ; $(dev) bench
look: ; $(dev) look
messages: ; $(dev) messages
fuzz: ; $(dev) fuzz
