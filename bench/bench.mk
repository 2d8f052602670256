# bench.mk - measurements; included by the root Makefile
#
# SPDX-License-Identifier: PostgreSQL
