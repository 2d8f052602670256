# test.mk - every test; included by the root Makefile
#
# SPDX-License-Identifier: PostgreSQL
#
# The suites are listed in test/check.sh; each can be run alone:
#   test/check.sh core sqlite

deps: ## install what building and testing need
	.ci/deps check

check: ## install what is needed, build, run every test
	.ci/deps check
	$(MAKE) CI=1 all
	B=$(B) CI=1 bash test/check.sh

check-core check-redact check-sqlite check-cel check-appender check-shared check-pg: all
	B=$(B) bash test/check.sh $(@:check-%=%)

check-majors: ## PostgreSQL tests on every pg_config given (PG_CONFIGS=...) or found
	bash test/pg/majors.sh $(PG_CONFIGS)

lint: ## layout, banned calls, headers alone, symbols, shell scripts
	B=$(B) bash test/lint.sh

fuzz: ## libFuzzer, FUZZ_SECONDS (60) a target
	B=$(B) bash test/fuzz/run.sh $(or $(FUZZ_SECONDS),60)

demo: ## the main job on SQLite: append, read, tamper, verify
	.ci/deps demo
	$(MAKE) sqlite appender
	B=$(B) bash examples/demo.sh

demo-pg: ## the same on a throw-away PostgreSQL
	.ci/deps demo-pg
	$(MAKE) all
	B=$(B) PG_CONFIG=$(PG_CONFIG) bash examples/demo-pg.sh

.PHONY: deps check check-core check-redact check-sqlite check-cel \
  check-appender check-shared check-pg check-majors lint fuzz demo demo-pg

$(B)/test/findings: test/redact/findings.c $(B)/libaigov.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) $< $(B)/libaigov.a $(LIBCRYPTO) $(LIBPCRE2) -lpthread -ldl -o $@

$(B)/test/cel_tool: test/cel/cel_tool.c $(B)/libaigov.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) $< $(B)/libaigov.a $(LIBCRYPTO) $(LIBPCRE2) -lpthread -ldl -o $@

# What the detectors reach on the labelled cases, where ../shared is there.
SHARED ?= ../shared
redact-score: $(B)/test/findings ## precision and recall on ../shared/redaction
	gzip -dc $(SHARED)/redaction/cases.jsonl.gz | $(B)/test/findings > $(B)/predictions.jsonl
	python3 $(SHARED)/redaction/score.py $(SHARED)/redaction/cases.jsonl.gz \
	  $(B)/predictions.jsonl --unit bytes --skip-weak $(SCORE_FLAGS)
	@echo; echo "names and streets, a few cases apart:"
	@gzip -dc $(SHARED)/redaction/ner_cases.jsonl.gz | $(B)/test/findings > $(B)/predictions_names.jsonl
	@python3 $(SHARED)/redaction/score.py $(SHARED)/redaction/ner_cases.jsonl.gz \
	  $(B)/predictions_names.jsonl --unit bytes --by-entity

redact-docs: $(B)/test/findings ## docs/detectors.md, measured anew where ../shared is there
	if [ -d $(SHARED)/redaction ]; \
	then python3 test/redact/detectors.py --measure $(SHARED)/redaction $(B)/test/findings; \
	else python3 test/redact/detectors.py --keep; fi

.PHONY: redact-score redact-docs
