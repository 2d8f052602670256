#!/usr/bin/env bash
# cel.sh - engines of CEL for node on the rules of bench/core_cel.c
#
# SPDX-License-Identifier: PostgreSQL
#
# Installs them, of pinned versions, into the build folder.  Without npm or a
# network it says so and measures nothing.
set -u
cd "$(dirname "$0")/../.." || exit 2
B="${B:-build}"
peers="$B/peers"
mkdir -p "$peers"
if ! command -v npm >/dev/null; then
    echo "node peers: skipped, there is no npm"
    exit 0
fi
if ! npm install --prefix "$peers" --no-save --no-audit --no-fund \
    --ignore-scripts --silent @bufbuild/cel@0.6.1 cel-js@0.8.2 >/dev/null 2>&1; then
    echo "node peers: skipped, npm cannot install them here"
    exit 0
fi
cp bench/peers/cel.mjs "$peers/cel.mjs"
node "$peers/cel.mjs" bench/cel/rules.txt bench/cel/facts.json "$@"
