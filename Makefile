# aigov - evidence of AI governance kept inside the database
#
# SPDX-License-Identifier: PostgreSQL
#
#   make demo     install what is needed, build, run the main job on SQLite
#   make check    install what is needed, build, run every test
#   make          build      make install   install (DESTDIR, PREFIX, PG_CONFIG)
#   make help     all targets

B ?= build
PREFIX ?= /usr/local
PG_CONFIG ?= pg_config
VERSION := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" pg_aigov/aigov.control)
# libcrypto.a, hidden: a host such as node brings another OpenSSL.
# LIBCRYPTO=-lcrypto links the shared one (for distributions).
# Patterns of own detectors; any PCRE2 10 of 2018 and later.
LIBPCRE2 ?= -lpcre2-8
LIBCRYPTO ?= $(shell $(CC) -print-file-name=libcrypto.a)

CC ?= cc
OPT ?= -O2 -g
WARN := -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion \
  -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual -Wformat=2 -Wundef \
  -Wvla -Wnull-dereference $(if $(CI),-Werror)
CFLAGS_ALL = -std=c11 $(OPT) $(WARN) -fPIC -fvisibility=hidden -Icore -I$(B) \
  -D_GNU_SOURCE -DAIGOV_VERSION='"$(VERSION)"' -MMD -MP $(CPPFLAGS) $(CFLAGS)

CORE_SRC := $(sort $(wildcard core/*/*.c))
SQLITE_SRC := $(sort $(wildcard sqlite_aigov/*.c))
APPENDER_SRC := $(sort $(wildcard appender/*.c))
CORE_OBJ := $(CORE_SRC:%.c=$(B)/%.o)
SQLITE_OBJ := $(SQLITE_SRC:%.c=$(B)/%.o)
GEN := $(B)/kinds_data.h $(B)/fact_data.h $(B)/pack_data.h $(B)/context_groups.h $(B)/context_data.h \
  $(B)/shape_data.h $(B)/token_data.h $(B)/names_data.h $(B)/person_data.h $(B)/injection_data.h $(B)/ruleset_data.h \
  $(B)/schema_sqlite.h $(B)/schema_pg.h

all: core sqlite appender pg ## build everything

core: $(B)/libaigov.a
generated: $(GEN)
sqlite: $(B)/aigov.so

$(B)/%.o: %.c $(GEN) | $(B)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -c $< -o $@

$(B)/libaigov.a: $(CORE_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

$(B)/kinds_data.h: core/log/kinds.pl $(wildcard sql/iso42001/*.csv sql/policy/*.csv) | $(B)
	perl core/log/kinds.pl sql/iso42001/kinds.csv sql/iso42001/fields.csv sql/policy/facts.csv > $@.tmp && mv $@.tmp $@

$(B)/fact_data.h: core/policy/facts.pl sql/policy/facts.csv sql/policy/classes.csv | $(B)
	perl core/policy/facts.pl sql/policy/facts.csv sql/policy/classes.csv > $@.tmp && mv $@.tmp $@

$(B)/pack_data.h: core/policy/packs.pl $(wildcard sql/packs/*.json) | $(B)
	perl core/policy/packs.pl $(wildcard sql/packs/*.json) > $@.tmp && mv $@.tmp $@

$(B)/context_groups.h $(B)/context_data.h: $(B)/context_%.h: core/redact/tables.pl $(wildcard core/redact/context_*.def) | $(B)
	perl $< $* $(filter %.def,$^) > $@.tmp && mv $@.tmp $@

$(B)/shape_data.h: core/redact/tables.pl $(wildcard core/redact/rules_*.def) | $(B)
	perl $< shapes $(filter %.def,$^) > $@.tmp && mv $@.tmp $@

$(B)/token_data.h: core/redact/tables.pl core/redact/tokens.def | $(B)
	perl $< tokens $(filter %.def,$^) > $@.tmp && mv $@.tmp $@

$(B)/names_data.h: core/redact/names.pl core/redact/secret_names.def | $(B)
	perl $< core/redact/secret_names.def > $@.tmp && mv $@.tmp $@

$(B)/person_data.h: core/redact/person.pl core/redact/person.def | $(B)
	perl $< core/redact/person.def > $@.tmp && mv $@.tmp $@

$(B)/injection_data.h: core/redact/injection.pl core/redact/injection.def | $(B)
	perl $< core/redact/injection.def > $@.tmp && mv $@.tmp $@

$(B)/ruleset_data.h: core/redact/tables.pl $(filter-out %/injection.def,$(wildcard core/redact/*.def)) | $(B)
	perl $< ruleset $(filter %.def,$^) > $@.tmp && mv $@.tmp $@

$(B)/schema_sqlite.h: sql/embed.pl sql/schema.sql sql/views.sql sql/guards_sqlite.sql | $(B)
	perl sql/embed.pl sqlite aigov_schema sql/schema.sql sql/guards_sqlite.sql sql/views.sql > $@.tmp && mv $@.tmp $@

$(B)/schema_pg.h: sql/embed.pl sql/schema.sql sql/views.sql sql/views_pg.sql sql/guards_pg.sql sql/comments_pg.sql | $(B)
	perl sql/embed.pl pg aigov_schema sql/schema.sql sql/guards_pg.sql sql/views.sql sql/views_pg.sql sql/comments_pg.sql > $@.tmp && mv $@.tmp $@

$(B)/aigov.so: $(SQLITE_OBJ) $(B)/libaigov.a sqlite_aigov/exports.map
	$(CC) -shared $(OPT) -o $@ $(SQLITE_OBJ) $(B)/libaigov.a $(LIBCRYPTO) $(LIBPCRE2) \
	  -Wl,--exclude-libs,ALL -Wl,-Bsymbolic -Wl,-z,defs \
	  -Wl,--version-script=sqlite_aigov/exports.map -lpthread -ldl $(LDFLAGS)

pg: $(B)/libaigov.a $(B)/schema_pg.h
	$(MAKE) -C pg_aigov PG_CONFIG=$(PG_CONFIG) B=$(abspath $(B)) LIBPCRE2="$(LIBPCRE2)"

include appender/appender.mk
include test/test.mk
include bench/bench.mk

install: all ## install into PREFIX and the server of PG_CONFIG
	$(MAKE) -C pg_aigov PG_CONFIG=$(PG_CONFIG) B=$(abspath $(B)) install
	install -d $(DESTDIR)$(PREFIX)/lib/sqlite3 $(DESTDIR)$(PREFIX)/lib/pkgconfig \
	  $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/include
	install -m 755 $(B)/aigov.so $(DESTDIR)$(PREFIX)/lib/sqlite3/
	install -m 755 $(B)/aigov $(DESTDIR)$(PREFIX)/bin/
	install -m 755 $(B)/libaigov_appender.so.0 $(DESTDIR)$(PREFIX)/lib/
	ln -sf libaigov_appender.so.0 $(DESTDIR)$(PREFIX)/lib/libaigov_appender.so
	install -m 644 $(B)/libaigov_appender.a $(DESTDIR)$(PREFIX)/lib/
	install -m 644 appender/aigov_appender.h $(DESTDIR)$(PREFIX)/include/
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' appender/aigov_appender.pc.in \
	  > $(DESTDIR)$(PREFIX)/lib/pkgconfig/aigov_appender.pc

$(B):
	mkdir -p $@

clean: ## remove what was built
	rm -rf $(B)
	$(MAKE) -C pg_aigov PG_CONFIG=$(PG_CONFIG) B=$(abspath $(B)) clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile appender/appender.mk test/test.mk bench/bench.mk

.PHONY: all core generated sqlite pg appender install clean help
-include $(CORE_OBJ:.o=.d) $(SQLITE_OBJ:.o=.d)
