#!/bin/sh
# Ensures the set-up, then becomes the program given (a path in the checkout) under a Node that runs TypeScript.
# exec, so that a signal meets the program itself and its exit code is npm's.
here=$(dirname -- "$(readlink -f -- "$0")")
node=$(node "$here/setup.mjs") || exit 1
program=$here/../$1
shift
cd "${INIT_CWD:-.}" && exec "$node" "$program" "$@"
