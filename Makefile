# make demo   train a network on iris, and draw        make test   run the tests
# make lint   check style and types                    make bench  compare with others, side by side
# make sanitize   run the tests with a core in which gcc's sanitizers watch every access to memory and every overflow
PYTHON ?= python3
VENV ?= .venv
RUN = $(VENV)/bin/python
COMPILED_FROM = setup.py pyproject.toml $(addprefix autograd/, value.py sums.py walk.py sweeps.py copying.py machine.py \
	replay.py bulk.py rules.py ops.py real.py codegen.py build_info.py value.pxd walk.pxd machine.pxd replay.pxd _capi.pxd _capi.h \
	_memory.pxd _memory.h _lanes.pxd _lanes.h _lanes_body.h )

.PHONY: demo test lint bench sanitize install clean
demo: install
	$(RUN) -m nn

test: install
	$(RUN) -m pytest -q -n 2 $(TESTS)

lint: install
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy

# HIPS autograd has our import name, hence an environment of its own. What cannot be installed is left out.
bench: install
	$(RUN) -m pip install -q -e '.[bench]' || echo "not all peers can be had here"
	test -d $(VENV)-hips || $(PYTHON) -m venv $(VENV)-hips
	$(VENV)-hips/bin/python -m pip install -q autograd || echo "HIPS autograd cannot be had here"
	HIPS_PYTHON=$(CURDIR)/$(VENV)-hips/bin/python $(RUN) benchmarks --save

# In a copy, as this core is of no use without the sanitizers. What they find fails its test and is shown at the end. Memory
# that was freed must not be reused at once by Python's or Cython's own allocators, which the sanitizers know nothing of.
SANITIZED = $(VENV)-sanitize
SANITIZERS = -g -fno-omit-frame-pointer -fsanitize=address,undefined,float-cast-overflow -fno-sanitize-recover=all \
	-DCYTHON_USE_FREELISTS=0
sanitize:
	rm -rf $(SANITIZED)
	mkdir -p $(SANITIZED)/copy
	git ls-files -co --exclude-standard | tar -c -T - | tar -x -C $(SANITIZED)/copy
	CC=gcc CFLAGS="$(SANITIZERS)" LDFLAGS="$(SANITIZERS)" $(MAKE) -C $(SANITIZED)/copy install VENV=..
	cd $(SANITIZED)/copy && found=$(abspath $(SANITIZED))/found && \
		LD_PRELOAD="$$(ldd autograd/value.*.so | awk '/lib(asan|ubsan)/ {print $$3}' | xargs)" PYTHONMALLOC=malloc \
		ASAN_OPTIONS=detect_leaks=0:log_path=$$found UBSAN_OPTIONS=print_stacktrace=1:log_path=$$found \
		AUTOGRAD_BACKEND=compiled ../bin/python -m pytest -q -n 2 $(TESTS) || (cat $$found.* 2> /dev/null; exit 1)

install: $(VENV)/.installed

$(VENV)/.installed: $(COMPILED_FROM)
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install -q -e '.[test,plots]'
	$(RUN) -m compileall -q autograd nn visualize
	touch $@

clean:
	rm -rf $(VENV) $(VENV)-hips $(SANITIZED) build *.egg-info autograd/*.so autograd/*.so.txt autograd/_kernels.h \
		autograd/_kernels.pxd autograd/_lanes_rows.h out
