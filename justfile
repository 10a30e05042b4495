# The bare command lists the recipes.

set default-list
set positional-arguments

# Seconds that the browser tests may take; the default of 20 is short for a busy machine.
export WASM_BINDGEN_TEST_TIMEOUT := "120"

target := absolute_path(env('CARGO_TARGET_DIR', 'target'))

# Shows the widget with simulated syncs in a page; takes flags such as --listen ADDR
[group('run')]
demo *ARGS: _setup-build
    @scripts/build-widget.sh
    cargo run --quiet -p sse-service -- demo "$@"

# Shows every component in every state in a page, at port 8081 unless another is given
[group('run')]
gallery PORT="8081": _setup-build
    @scripts/build-widget.sh
    node scripts/gallery.mjs "$(scripts/build-gallery.sh)" "$1"

# Runs the service on a local Redis, for development; takes the flags of `serve`
[group('run')]
service *ARGS: _setup-redis
    @scripts/service.sh "$@"

# Builds the service and the npm package for release
[group('build')]
build: _setup-build
    cargo build --release -p sse-service
    @scripts/build-widget.sh

# Builds the npm package with its wasm and prints the sizes
[group('build')]
widget: _setup-build
    @scripts/build-widget.sh
    @node scripts/sizes.mjs

# Gives crates, package and element a new version, and the changelog its heading
[group('build')]
release VERSION:
    @node scripts/release.mjs "$1"

# Publishes the npm package with its provenance; --dry-run only shows what would be
[group('build')]
publish *ARGS: build
    npm publish -w npm-package --access public --provenance "$@"

# Builds the service as one file that needs no other, into target/image
[group('build')]
static:
    @scripts/setup/system.sh cc
    @scripts/build-static.sh

# Builds a static binary and an image of it; takes the image's name
[group('build')]
image *NAME:
    @scripts/setup/system.sh cc
    @scripts/build-image.sh "$@"

# Writes the tables of docs/configure.md from the command line
[group('build')]
docs:
    CONNECT_WRITE_DOCS=1 cargo test --quiet -p sse-service --test deploy settings

# Removes what was built, but not the installed tools
[group('build')]
clean:
    cargo clean
    rm -rf npm-package/dist npm-package/wasm e2e/dist e2e/results

# Runs all tests: Rust, API, in the browser, npm package, end to end
[group('test')]
test: test-rust test-publishers test-api test-browser test-npm e2e (e2e "hosts" "html" "react" "next")

# Runs the Rust tests, with those in the documentation
[group('test')]
test-rust: _setup-test
    cargo test --workspace --features sse-service/otel,widget/ssr

# Holds the publishers in Rust, Python and Node to the same behaviour, before a real listener
[group('test')]
test-publishers: _setup-redis
    @scripts/setup/python.sh
    @scripts/publishers.sh

# Holds the service against its description of its API with made-up requests; takes how many for each operation
[group('test')]
test-api *ARGS: _setup-test
    @scripts/setup/system.sh curl
    @scripts/setup/python.sh
    cargo build -p sse-service
    @scripts/fuzz-api.sh "$@"

# Runs the widget's tests in headless Chromium
[group('test')]
test-browser: _setup-test
    cd widget && ../scripts/wasm-toolchain.sh wasm-pack test --headless --chrome --chromedriver "$(command -v chromedriver)" --mode no-install . --features element

# Runs the unit tests of the npm package
[group('test')]
test-npm: _setup-test
    @scripts/build-widget.sh
    npm test -w npm-package

# Runs the end-to-end tests; takes options of `node --test`, or `hosts` and names: drives those hosts of examples/, or all
[group('test')]
e2e *ARGS: _setup-test
    @scripts/build-widget.sh
    cargo build -p sse-service
    SSE_SERVICE_BIN="{{ target }}/debug/sse-service" CHROMIUM_BIN="$(command -v chromium)" scripts/e2e.sh "$@"

# Takes the gallery's pictures anew, where they are not as they were kept
[group('test')]
gallery-update: _setup-test
    @scripts/build-widget.sh
    KEEP_PICTURES=1 CHROMIUM_BIN="$(command -v chromium)" scripts/e2e.sh --test-name-pattern "each state looks"

# Runs the fault tests as large as promised, and prints a table of what was seen
[group('test')]
faults: _setup-redis
    @scripts/faults.sh

# Kills the parts of a cluster one after the other, under so many streams, and prints a table of what was seen
[group('test')]
cluster STREAMS="10000": _setup-redis
    @scripts/setup/system.sh haproxy
    @scripts/cluster.sh "$1"

# Tests the reverse proxies of deploy/ alone; they are a part of test-rust
[group('test')]
test-proxies: _setup-redis
    @scripts/setup/system.sh nginx haproxy caddy
    cargo test -p sse-service --test deploy

# Runs the static binary in an empty root, and builds the image from it
[group('test')]
test-image: _setup-redis
    @scripts/setup/system.sh curl buildah
    @scripts/test-image.sh

# Follows docs/deploy.md on this machine, and looks at the page with a browser
[group('test')]
test-deploy: _setup-test
    @scripts/test-deploy.sh

# Reads alert rules and manifests with the tools that they are for
[group('check')]
check-deploy:
    @scripts/setup/system.sh promtool docker-compose
    @scripts/setup/python.sh
    @scripts/check-deploy.sh

# Lets streams come and go for so many minutes, and prints a table of what was used up
[group('test')]
soak MINUTES="10": _setup-redis
    @scripts/soak.sh "$1"

# Lets a fuzzer look for what breaks parsers, each for so many seconds
[group('test')]
fuzz SECONDS="60": _setup-fuzz
    @scripts/fuzz.sh "$1"

# Measures; takes names: `service` (the default, into docs/performance.md), `quick`, `micro`, `callgrind`, `widget`
[group('test')]
bench *NAMES:
    @scripts/bench.sh "$@"

# Checks formatting, lints, types and unused dependencies
[group('check')]
lint: _setup-lint
    cargo fmt --all --check
    cargo fmt --manifest-path examples/temporal-worker/Cargo.toml --check
    cargo clippy --workspace --all-targets --features widget/ssr -- -D warnings
    cargo clippy -p sse-service --all-targets --all-features -- -D warnings
    @scripts/lint-wasm.sh
    @scripts/build-widget.sh
    npm run --silent check --workspaces
    npx eslint .
    npx knip
    cargo machete --with-metadata

# Checks licences, duplicates, sources and known vulnerabilities of all crates
[group('check')]
audit: _setup-audit
    @scripts/audit.sh

# Formats the Rust code and fixes what eslint can fix
[group('check')]
fmt: _setup-lint
    cargo fmt --all
    npx eslint --fix .

_setup-build:
    @scripts/setup/system.sh cc
    @scripts/setup/wasm-target.sh
    @scripts/setup/wasm-tools.sh
    @scripts/setup/npm.sh

_setup-redis:
    @scripts/setup/system.sh cc curl git redis-server

_setup-test:
    @scripts/setup/system.sh cc curl git redis-server chromium chromedriver nginx haproxy caddy dejavu
    @scripts/setup/wasm-target.sh
    @scripts/setup/wasm-tools.sh
    @scripts/setup/npm.sh

_setup-lint: _setup-build
    @scripts/setup/cargo-tool.sh machete

_setup-fuzz:
    @scripts/setup/system.sh cc c++
    @scripts/setup/cargo-tool.sh fuzz

_setup-audit:
    @scripts/setup/system.sh cc
    @scripts/setup/cargo-tool.sh deny
