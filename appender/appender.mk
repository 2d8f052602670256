# appender.mk - the C client library and the aigov command
#
# SPDX-License-Identifier: PostgreSQL
