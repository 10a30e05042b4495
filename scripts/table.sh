# shellcheck shell=bash
# Tests that print rows of a table; sourced, not run.

# Runs a test target of the service one test after the other and passes on the
# rows that it prints. All of its output is in a file whose name is printed when
# it fails. The first argument is the table's head, the others go to the tests.
table() {
  local head=$1 output
  shift
  output=$(mktemp)
  printf '%s\n%s\n' "$head" "$(sed 's/[^|]\+/ --- /g' <<<"$head")"
  if ! cargo test --quiet --release -p sse-service --test faults -- --nocapture --test-threads 1 "$@" 2>&1 |
    tee "$output" | { grep --line-buffered '^|' || true; }; then
    printf 'failed: see %s\n' "$output" >&2
    return 1
  fi
  rm "$output"
}
