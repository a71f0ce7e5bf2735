# make demo, make test: the README's two commands. Each does its own set-up.
WEFT_CACHE ?= $(HOME)/.cache/weft
export CARGO_TARGET_DIR ?= $(WEFT_CACHE)/target
export WEFT_CACHE

.PHONY: demo test build console setup check kill-long bench

demo: build
	./target/release/weft demo

build: setup console
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

kill-long:
	WEFT_KILL_CYCLES=3000 cargo test --locked -p weft-stream-bus --test kill -- --nocapture
