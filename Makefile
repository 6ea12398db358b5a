# make demo   train a network on iris, and draw        make test   run the tests
PYTHON ?= python3
VENV ?= .venv
RUN = $(VENV)/bin/python
SOURCES = setup.py pyproject.toml $(wildcard autograd/*.py autograd/*.pxd autograd/_capi.h autograd/_memory.h)
BUILT = $(filter-out autograd/_kernels.pxd,$(SOURCES))

.PHONY: demo test install bench
demo: $(VENV)/.installed
	$(RUN) -m nn

test: $(VENV)/.installed
	$(RUN) -m pytest -q -n 2 $(TESTS)

bench: $(VENV)/.installed
	$(RUN) -m pip install -q -e '.[bench]'
	$(RUN) benchmarks/moons.py

install: $(VENV)/.installed

$(VENV)/.installed: $(BUILT)
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install -q -e '.[test,plots]'
	$(RUN) -m compileall -q autograd nn visualize
	touch $@
