# bench.mk - measurements; included by the root Makefile
#
# SPDX-License-Identifier: PostgreSQL
#
# Every figure is a ratio against a baseline of the same run; none is a test.

# beside the detectors: the engines, and the modules without a scan stage
BENCH_REDACT_BIN := $(B)/bench/core_redact $(B)/bench/peer_engines $(B)/bench/findings \
  $(B)/bench/sqlite_append \
  $(B)/bench/core_append $(B)/bench/bare/aigov.so $(B)/bench/bare/pg_aigov.so
VECTORSCAN := $(shell pkg-config --exists libhs 2>/dev/null && \
  echo -DHAVE_VECTORSCAN $$(pkg-config --libs libhs))

BENCH_BIN := $(B)/bench/core_verify \
  $(B)/bench/core_append_bare $(B)/bench/core_json $(B)/bench/core_rules \
  $(B)/bench/core_redact_json $(B)/bench/core_injection $(B)/bench/core_match $(B)/bench/core_cel $(BENCH_REDACT_BIN)

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

$(B)/bench/core_redact $(B)/bench/peer_engines: bench/texts.h

$(B)/bench/peer_engines: bench/peer_engines.c bench/peer_patterns.h $(B)/libaigov.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -Wno-missing-prototypes $< $(B)/libaigov.a $(LIBCRYPTO) $(LIBPCRE2) \
	  $(VECTORSCAN) -lpthread -ldl -o $@

$(B)/bench/findings: test/redact/findings.c $(B)/libaigov.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -Wno-missing-prototypes $< $(B)/libaigov.a $(LIBCRYPTO) $(LIBPCRE2) \
	  -lpthread -ldl -o $@

# core as it is, but for a scan stage that looks for nothing, and both modules of it
$(B)/bench/bare/libaigov.a: core/log/scan.c $(CORE_OBJ)
	@mkdir -p $(@D)
	@rm -f $@
	$(CC) $(CFLAGS_ALL) -DAIGOV_BENCH_NO_DETECTORS -c $< -o $(@D)/scan.o
	$(AR) rcs $@ $(filter-out $(B)/core/log/scan.o,$(CORE_OBJ)) $(@D)/scan.o

$(B)/bench/bare/aigov.so: $(SQLITE_OBJ) $(B)/bench/bare/libaigov.a
	$(CC) -shared $(OPT) -o $@ $(SQLITE_OBJ) $(B)/bench/bare/libaigov.a $(LIBCRYPTO) $(LIBPCRE2) \
	  -Wl,--exclude-libs,ALL -Wl,-Bsymbolic -Wl,-z,defs \
	  -Wl,--version-script=sqlite_aigov/exports.map -lpthread -ldl $(LDFLAGS)

$(B)/bench/bare/pg_aigov.so: $(B)/bench/bare/libaigov.a $(B)/libaigov.a
	$(MAKE) pg
	$(CC) -shared $(OPT) -o $@ pg_aigov/*.o $(B)/bench/bare/libaigov.a -lcrypto $(LIBPCRE2) \
	  -Wl,--exclude-libs,ALL -Wl,--version-script=pg_aigov/exports.map

bench-redact: ## measure redaction alone, beside regex engines and npm packages
	.ci/deps bench
	$(MAKE) all $(BENCH_REDACT_BIN)
	B=$(B) PG_CONFIG=$(PG_CONFIG) bash bench/run.sh --redact $(BENCH_FLAGS)

bench: ## measure against the baselines; writes bench/RESULTS.md
	.ci/deps bench
	$(MAKE) all $(BENCH_BIN)
	B=$(B) PG_CONFIG=$(PG_CONFIG) bash bench/run.sh $(BENCH_FLAGS)

.PHONY: bench bench-redact
