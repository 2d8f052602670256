# appender.mk - the C client library and the aigov command
#
# SPDX-License-Identifier: PostgreSQL
#
#   libaigov_appender.so.0   shared; exports aigov_appender_* alone
#   libaigov_appender.a      static; all other names are made local
#   aigov                    the command, with the SQLite module inside

COMMAND_SRC := $(sort $(wildcard appender/command/*.c appender/import/*.c))
# The module once more, for our own connections: no load_extension.
MODULE_OBJ := $(SQLITE_SRC:%.c=$(B)/appender/module/%.o)
APPENDER_OBJ := $(APPENDER_SRC:%.c=$(B)/%.o)
COMMAND_OBJ := $(COMMAND_SRC:%.c=$(B)/%.o)
PQ_CFLAGS ?= -I$(shell $(PG_CONFIG) --includedir)
PQ_LIBS ?= -L$(shell $(PG_CONFIG) --libdir) -lpq
APPENDER_LIBS = $(LIBPCRE2) $(PQ_LIBS) -lsqlite3 -lm -lpthread -ldl

appender: $(B)/libaigov_appender.so.0 $(B)/libaigov_appender.a $(B)/aigov

$(APPENDER_OBJ) $(COMMAND_OBJ): CFLAGS_ALL += -Iappender $(PQ_CFLAGS)

$(B)/appender/module/%.o: %.c $(GEN) | $(B)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -DSQLITE_CORE -include sqlite3ext.h -c $< -o $@

$(B)/libaigov_appender.so.0: $(APPENDER_OBJ) $(MODULE_OBJ) $(B)/libaigov.a appender/exports.map
	$(CC) -shared $(OPT) -o $@ $(APPENDER_OBJ) $(MODULE_OBJ) $(B)/libaigov.a \
	  $(LIBCRYPTO) -Wl,-soname,libaigov_appender.so.0 -Wl,--exclude-libs,ALL \
	  -Wl,-Bsymbolic -Wl,-z,defs -Wl,--version-script=appender/exports.map \
	  $(APPENDER_LIBS) $(LDFLAGS)

# One object, so that no internal name can clash with one of the program's.
$(B)/libaigov_appender.a: $(APPENDER_OBJ) $(MODULE_OBJ) $(B)/libaigov.a
	@rm -f $@ $(B)/appender/all.o
	$(LD) -r -o $(B)/appender/all.o $(APPENDER_OBJ) $(MODULE_OBJ) \
	  --whole-archive $(B)/libaigov.a --no-whole-archive
	objcopy --wildcard --keep-global-symbol='aigov_appender_*' $(B)/appender/all.o
	$(AR) rcs $@ $(B)/appender/all.o

$(B)/aigov: $(COMMAND_OBJ) $(APPENDER_OBJ) $(MODULE_OBJ) $(B)/libaigov.a
	$(CC) $(OPT) -o $@ $(COMMAND_OBJ) $(APPENDER_OBJ) $(MODULE_OBJ) \
	  $(B)/libaigov.a $(LIBCRYPTO) -Wl,--exclude-libs,ALL $(APPENDER_LIBS) $(LDFLAGS)

-include $(APPENDER_OBJ:.o=.d) $(COMMAND_OBJ:.o=.d) $(MODULE_OBJ:.o=.d)

# Tests: test/appender/run.sh builds them in a folder of its own, sanitized.
APPENDER_TESTS := $(patsubst test/appender/%.c,$(B)/%,$(wildcard test/appender/test_*.c))

appender-tests: $(APPENDER_TESTS)

$(B)/test_%: test/appender/test_%.c $(COMMAND_OBJ) $(APPENDER_OBJ) $(MODULE_OBJ) $(B)/libaigov.a
	$(CC) $(CFLAGS_ALL) -Iappender -Itest/core -Itest/appender $(PQ_CFLAGS) $< \
	  $(filter-out %/main.o,$(COMMAND_OBJ)) $(APPENDER_OBJ) $(MODULE_OBJ) \
	  $(B)/libaigov.a $(LIBCRYPTO) $(APPENDER_LIBS) -o $@

.PHONY: appender-tests
