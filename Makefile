# Komek: `make demo` shows it, `make test` tests it. Each first installs what is missing, and says so.

CARGO ?= cargo
# A test's error says in words what is wrong; only a panic needs its backtrace.
export RUST_LIB_BACKTRACE = 0

.PHONY: help demo demo-real build test explore lint fmt clean-demo packages-build packages-test

help:
	@echo "make demo    run Komek with demo customers on this machine (Ctrl-C stops it)"
	@echo "make demo-real   the same with QEMU guests, a Kubernetes API server, Keystone and Nova (as root)"
	@echo "make test    format, lints and all tests, with PostgreSQL, libvirt and QEMU"
	@echo "make explore   looks with other seeds for what the tests do not know yet (an hour or so; TIMES=1 for less)"
	@echo "make build   the four programs, optimised, in target/release"
	@echo "make lint    format and lints alone"

packages-build:
	@scripts/install.sh build

packages-test: packages-build
	@scripts/install.sh test

# The demo keeps its data in .demo; delete the folder to begin anew.
demo: packages-build
	$(CARGO) build --locked --workspace --bins
	@target/debug/komek-sandbox demo

# As root: each libvirt zone gets namespaces of its own. Its systems begin anew with each start.
demo-real: packages-test
	$(CARGO) build --locked --workspace --bins
	@scripts/demo-real.sh

clean-demo:
	rm -rf .demo .demo-real

build: packages-build
	$(CARGO) build --locked --release --workspace --bins

lint: packages-build
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	@# The benchmarks are a workspace of their own: its lock file must know what ours depends on.
	@$(CARGO) update --quiet --locked --workspace --manifest-path bench/Cargo.toml || \
	 { echo "bench/Cargo.lock is out of date: cargo update --workspace --manifest-path bench/Cargo.toml"; exit 1; }
	@if command -v cargo-deny >/dev/null; then $(CARGO) deny --offline check licenses bans sources; \
	 else echo "cargo-deny is not installed: licences and sources are not checked (cargo install cargo-deny)"; fi

# The integration tests run the programs, so these are built first.
test: packages-test lint
	$(CARGO) build --locked --workspace --bins
	$(CARGO) test --locked --workspace --no-fail-fast

# What it finds is repeated with the seed it prints.
TIMES ?= 10
explore: packages-test
	$(CARGO) build --locked --workspace --bins
	@for n in $$(seq $(TIMES)); do \
	  seed=$$(od -An -N3 -tu4 /dev/urandom | tr -d ' '); echo "seed $$seed"; \
	  KOMEK_FUZZ_SEED=$$seed KOMEK_FUZZ_UPDATES=100000 $(CARGO) test --locked -p komek-tests --test fuzz && \
	  KOMEK_SCHEMATHESIS_SEED=$$seed KOMEK_SCHEMATHESIS_EXAMPLES=100 $(CARGO) test --locked -p komek-tests --test api schemathesis && \
	  KOMEK_CRASH_SEED=$$seed KOMEK_CRASH_KILLS=200 $(CARGO) test --locked -p komek-tests --test crash || exit 1; \
	done
