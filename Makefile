# What there is to do here; `make` alone prints it. Needs Node 20 or later, npm and make; the project brings its own Node 26.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help demo test check bench bundle clean

modules := node_modules/.installed
node := node_modules/.bin/node

help: ## print this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | while IFS='	' read -r target text; do printf '  make %-8s %s\n' "$$target" "$$text"; done

demo: $(modules) ## run a simulated vehicle, a broker and a collector for about 20 seconds
	@$(node) simulators/demo.ts

test: $(modules) ## run all checks and tests; installs the Debian packages they use where it may (PEERS=no: installs none)
	@PEERS='$(PEERS)' sh test/install-peers.sh
	@$(node) test/run.ts

check: $(modules) ## check types and style only
	@$(node) node_modules/typescript/bin/tsc --project .
	@$(node) node_modules/@biomejs/biome/bin/biome check --error-on-warnings .

bench: $(modules) ## print the figures: size, cold start, memory, speed
	@set -e; for file in test/bench/*.bench.ts; do echo "== $$file"; $(node) "$$file"; done

bundle: $(modules) ## build the agent of each firmware profile as one file that needs no node_modules
	@$(node) build.mjs
	@$(node) build.mjs --profile rsu-arm64 --out dist/rsu-arm64

clean: ## remove what was built and installed
	rm -rf dist coverage out node_modules

# Installed anew when the lock file is newer. An install that was broken off leaves no stamp.
$(modules): package-lock.json .npmrc
	@node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' 2>/dev/null || \
		{ echo 'Kerbstone needs Node 20 or later on the PATH (nodejs.org, or the packages of NodeSource); found: '"$$(node --version 2>&1)"; exit 1; }
	@command -v npm >/dev/null || { echo 'Kerbstone needs npm on the PATH (on Debian and Ubuntu: apt-get install npm)'; exit 1; }
	@echo 'installing the npm packages (once; some 200 MB with its own Node 26)'
	@npm ci --no-audit --no-fund --loglevel=error
	@$(node) --version >/dev/null 2>&1 || (cd node_modules/node && node installArchSpecificPackage.js)
	@$(node) --version >/dev/null || { echo 'the npm package "node" is not complete: allow install scripts (npm config get ignore-scripts) and run make again'; exit 1; }
	@touch $@
