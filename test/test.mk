# test.mk - every test; included by the root Makefile
#
# SPDX-License-Identifier: PostgreSQL
