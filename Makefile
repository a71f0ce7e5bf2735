# make demo, make test: the README's two commands. Each does its own set-up.
WEFT_CACHE ?= $(HOME)/.cache/weft
export CARGO_TARGET_DIR ?= $(WEFT_CACHE)/target
export WEFT_CACHE

.PHONY: demo test build console setup check bench test-full kill-long

demo: build
	./target/release/weft demo

build: setup console
	@scripts/ours-anew
	@scripts/step "building the program (release)" cargo build --release --locked -p weft-server
	@mkdir -p target/release
	@[ "$(CARGO_TARGET_DIR)" = "$(CURDIR)/target" ] || ln -f "$(CARGO_TARGET_DIR)/release/weft" target/release/weft 2>/dev/null || cp -f "$(CARGO_TARGET_DIR)/release/weft" target/release/weft

console:
	@scripts/console

setup:
	@scripts/setup

test: setup console
	@scripts/test

check:
	@scripts/step "format of the house" cargo run -q -p xtask -- check

# Figures, each beside something measured in the same run. A quiet machine gives better ones.
bench: build
	@for name in collect import start; do ./target/release/weft bench $$name --json || exit 1; done

# What `make test` does in small: every row of the real data, and thousands of deaths.
test-full: setup console
	WEFT_FULL=1 scripts/test

kill-long: setup console
	WEFT_KILL_CYCLES=3000 cargo test --workspace --locked --test kill -- --nocapture
	WEFT_KILL_CYCLES=3000 cargo test --workspace --locked --test killed -- --nocapture
