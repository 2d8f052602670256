# bench.mk - measurements; included by the root Makefile
#
# SPDX-License-Identifier: PostgreSQL
#
# Every figure is a ratio against a baseline of the same run; none is a test.

BENCH_BIN := $(B)/bench/core_verify $(B)/bench/core_append \
  $(B)/bench/core_append_bare $(B)/bench/core_json $(B)/bench/core_redact $(B)/bench/core_rules \
  $(B)/bench/core_match $(B)/bench/core_cel \
  $(B)/bench/sqlite_append

$(B)/bench/core_%: bench/core_%.c $(B)/libaigov.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -Wno-missing-prototypes $< $(B)/libaigov.a $(LIBCRYPTO) $(LIBPCRE2) \
	  -lpthread -ldl -o $@

# the same with a scan stage that looks for nothing
$(B)/bench/core_append_bare: bench/core_append.c core/log/scan.c $(B)/libaigov.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -DAIGOV_BENCH_NO_DETECTORS -Wno-missing-prototypes $^ \
	  $(LIBCRYPTO) $(LIBPCRE2) -lpthread -ldl -o $@

$(B)/bench/sqlite_append: bench/sqlite_append.c $(B)/aigov.so
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -Wno-missing-prototypes $< -lsqlite3 -o $@

bench: ## measure against the baselines; writes bench/RESULTS.md
	.ci/deps check
	$(MAKE) all $(BENCH_BIN)
	B=$(B) PG_CONFIG=$(PG_CONFIG) bash bench/run.sh $(BENCH_FLAGS)

.PHONY: bench
