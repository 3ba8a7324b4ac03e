# Komek: `make demo` shows it, `make test` tests it. Each first installs what is missing, and says so.

CARGO ?= cargo

.PHONY: help demo demo-real build test lint fmt clean-demo packages-build packages-test

help:
	@echo "make demo    run Komek with demo customers on this machine (Ctrl-C stops it)"
	@echo "make demo-real   the same with QEMU guests, a Kubernetes API server, Keystone and Nova (as root)"
	@echo "make test    format, lints and all tests, with PostgreSQL, libvirt and QEMU"
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
	@if command -v cargo-deny >/dev/null; then $(CARGO) deny --offline check licenses bans sources; \
	 else echo "cargo-deny is not installed: licences and sources are not checked (cargo install cargo-deny)"; fi

# The integration tests run the programs, so these are built first.
test: packages-test lint
	$(CARGO) build --locked --workspace --bins
	$(CARGO) test --locked --workspace
