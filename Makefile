# make demo   train a network on iris, and draw        make test   run the tests
# make lint   check style, types and docstrings        make bench  compare with other libraries
# make docs   build the documentation in out/docs    make docs-serve  serve it, which the playground needs
# make thorough   run the tests with 10,000 random examples per property
# make types  check the types of the public interface
# make lowest run the tests with the lowest versions of all dependencies   make fuzz  search for inputs that break the loaders
# make release-check   build the distributions, and install and use each of them in an empty environment
# make sanitize   run the tests with a core in which gcc's sanitizers check memory accesses and overflows
PYTHON ?= python3
VENV ?= .venv
RUN = $(VENV)/bin/python
COMPILED_FROM = setup.py pyproject.toml $(addprefix autograd/, ops.py value.py value.pxd topology.py topology.pxd backward.py \
	base/int_arrays.py base/int_arrays.pxd compiler/tape.py compiler/tape.pxd \
	compiler/snapshot.py compiler/snapshot.pxd compiler/graph.py compiler/graph.pxd compiler/fusing.py \
	compiler/identities.py compiler/identities.pxd compiler/analysis.py compiler/analysis.pxd compiler/layout.py compiler/layout.pxd \
	compiler/dot_runs.py compiler/layer_groups.py compiler/adjoint_slots.py compiler/lowering.py \
	base/build_info.py base/real.py base/operation.py base/special.py base/coefficients.py base/modes.py base/modes.pxd base/operand_lists.py base/operand_lists.pxd \
	base/_capi.pxd base/_capi.h base/_memory.pxd base/_memory.h base/_node.pxd base/_node.h nodes/sums.py nodes/parts.py nodes/elementwise.py \
	nodes/copying.py nodes/bulk.py transforms/sweeps.py export/expressions.py export/c_source.py export/vector_rows.py export/kernel_files.py \
	replay/interpreter.py replay/interpreter.pxd replay/job.py replay/job.pxd replay/executor.py replay/executor.pxd \
	replay/instructions.py replay/_lanes.pxd replay/_lanes.h replay/_lanes_body.h replay/_lanes_few.h replay/_lanes_layers.h replay/_vector_math.h ) \
	$(addprefix nn/optim/, update_rules.py _arrays.pxd _arrays.h )

.PHONY: demo test docs docs-serve thorough lint types bench sanitize lowest fuzz release-check install clean
demo: install
	$(RUN) -m nn

test: install
	$(RUN) -m pytest -q -n 2 --dist loadgroup $(TESTS)

thorough: install
	HYPOTHESIS_PROFILE=thorough $(RUN) -m pytest -q -n 2 --dist loadgroup $(TESTS)

lint: install
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	$(RUN) -m interrogate --quiet autograd nn visualize

# Formulas are written by KaTeX if npm is installed, and as MathML otherwise. A warning is an error.
SPHINX = $(RUN) -m sphinx --fail-on-warning --keep-going --quiet --jobs 2
docs: $(VENV)/.docs-installed
	$(SPHINX) --builder html docs out/docs
	touch out/docs/searchindex.js  # the tests of the site skip a site that is older than its sources
	@echo "open out/docs/index.html, or use 'make docs-serve', which the playground needs"

docs-serve: docs
	$(RUN) -m http.server --bind 127.0.0.1 --directory out/docs

$(VENV)/.docs-installed: $(VENV)/.installed
	$(RUN) -m pip install -q -e '.[docs]'
	touch $@

# pyright downloads its own code on first use.
types: install
	$(RUN) -m pip install -q pyright
	$(RUN) .ci/type_completeness.py

# HIPS autograd has the same import name, so it needs a separate environment. Libraries that cannot be installed are skipped.
bench: install
	$(RUN) -m pip install -q -e '.[bench]' || echo "some libraries are not available here"
	for peer in drjit pytensor xad; do $(RUN) -m pip install -q $$peer || echo "$$peer is not available here"; done
	test -d $(VENV)-hips || $(PYTHON) -m venv $(VENV)-hips
	$(VENV)-hips/bin/python -m pip install -q autograd scipy || echo "HIPS autograd is not available here"
	HIPS_PYTHON=$(CURDIR)/$(VENV)-hips/bin/python $(RUN) benchmarks --save

# Runs in a copy, because this core works only with the sanitizers. A finding fails its test and is printed at the end. The
# allocators of Python and Cython are off: they would reuse freed memory at once, unseen by the sanitizers.
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
		ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1:log_path=$$found UBSAN_OPTIONS=print_stacktrace=1:log_path=$$found \
		AUTOGRAD_BACKEND=compiled ../bin/python -m pytest -q -n 2 --dist loadgroup $(TESTS) || (cat $$found.* 2> /dev/null; exit 1)

# The oldest Python also has the oldest wheels. It runs in a copy, with a core compiled by the oldest Cython.
LOWEST = $(VENV)-lowest
lowest:
	rm -rf $(LOWEST)
	mkdir -p $(LOWEST)/copy
	git ls-files -co --exclude-standard | tar -c -T - | tar -x -C $(LOWEST)/copy
	$(PYTHON) -m venv $(LOWEST)
	cd $(LOWEST)/copy && PIP_CONSTRAINT=.ci/lowest.txt ../bin/python -m pip install -q -e '.[test,plots,symbolic]'
	cd $(LOWEST)/copy && AUTOGRAD_BACKEND=compiled ../bin/python -m pytest -q -n 2 --dist loadgroup $(TESTS)

# atheris has wheels for some versions of Python only. Without it, Hypothesis generates the inputs.
FUZZ_SECONDS ?= 600
fuzz: install
	$(RUN) -m pip install -q atheris || echo "atheris is not available here; Hypothesis generates the inputs"
	for target in checkpoint csv program expression; do \
		$(RUN) tests/support/fuzzing.py $$target --seconds $(FUZZ_SECONDS) || exit 1; done

release-check:
	.ci/release-check $(PYTHON) $(VENV)-release

install: $(VENV)/.installed

$(VENV)/.installed: $(COMPILED_FROM)
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install -q -e '.[test,plots]'
	$(RUN) -m pip install -q --upgrade --target $(VENV)/build-tools 'setuptools>=77' 'Cython>=3.2,<4'  # see tests/test_packaging.py
	$(RUN) -m compileall -q autograd nn visualize
	touch $@

clean:
	rm -rf $(VENV) $(VENV)-hips $(VENV)-release $(SANITIZED) $(LOWEST) build *.egg-info out autograd/base/_kernels.* autograd/replay/_lanes_rows.h autograd/replay/_instructions.pxd
	find autograd nn -name '*.so' -o -name '*.so.txt' | xargs rm -f
