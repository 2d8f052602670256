#!/usr/bin/env bash
# find_node.sh - print the path of a node that carries node:sqlite
#
# SPDX-License-Identifier: PostgreSQL
#
# The system's, if it is 22 or newer; else node 22 from npm, put under
# $B/node (tests only).  Prints nothing and fails where neither is to be had.
set -u
cd "$(dirname "$0")/../.." || exit 2
B="${B:-build}"
good() { "$1" --no-warnings -e 'require("node:sqlite")' >/dev/null 2>&1; }
for node in node nodejs "$B/node/node_modules/node/bin/node"; do
    path=$(command -v "$node") || continue
    if good "$path"; then
        realpath "$path"
        exit 0
    fi
done
command -v npm >/dev/null || exit 1
mkdir -p "$B/node"
(cd "$B/node" && npm install --no-audit --no-fund --silent node@22) >/dev/null 2>&1
path="$B/node/node_modules/node/bin/node"
good "$path" && realpath "$path"
