#!/usr/bin/env bash
# Runs every test that `swift build --build-tests` has built, in three processes of their own, and repeats at the end
# what failed.
#
# Some tests let a child process of the test runner trap and look at how it ended; the runner waits for *any* child to do
# so. Tests that start processes of their own would leave it waiting for the wrong ones, so the two kinds never meet.
set -euo pipefail
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
failed=false
run() { swift test -c release --skip-build "$@" 2>&1 | tee -a "$log" || failed=true; }

starts_processes='EndToEndTests|ReportingTests|RuntimeTests'
run --filter 'RuntimeTests.SystemTests'
run --filter "$starts_processes" --skip 'RuntimeTests.SystemTests'
run --skip "$starts_processes"

# Thousands of lines hide the one that matters.
if $failed; then
    echo "What failed:"
    # Each failure with what it says, up to the next line about another test.
    awk '/✘|error:|Fatal error/ { show = 1 } /^(◇|✔)/ { show = 0 } show' "$log" | cut -c1-2000 | tail -n 100
    exit 1
fi
