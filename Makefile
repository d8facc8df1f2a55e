# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Everything built goes to build/. V=1 shows the commands.

PREFIX ?= /usr/local
DESTDIR ?=
CC ?= gcc
CLANG ?= clang
LLVM_STRIP ?= llvm-strip
BISON ?= bison
FLEX ?= flex
CFLAGS ?= -O2 -g
B := build

MAKEFLAGS += --no-builtin-rules

ifeq ($(V),1)
  say = @:
  Q :=
else
  say = @printf '  %-7s %s\n'
  Q := @
endif

LIBS := libbpf libxdp libmnl smartcols jansson
# Looked up once, when something is compiled: "make deps" must run where none of them is there yet.
PKG_CFLAGS = $(eval PKG_CFLAGS := $(shell pkg-config --cflags $(LIBS)))$(PKG_CFLAGS)
PKG_LIBS = $(eval PKG_LIBS := $(shell pkg-config --libs $(LIBS)))$(PKG_LIBS)

CPPFLAGS += -D_GNU_SOURCE -I$(B)/ctl/text
SAN ?=
# Everything again in build/sanitize, with the address and undefined behaviour sanitizers. Copying nothing from NULL is
# left out: compilers and C2y allow it.
ifeq ($(SANITIZE),1)
  B := build/sanitize
  SAN := -fsanitize=address,undefined -fno-sanitize=nonnull-attribute -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer -Wno-format-overflow
endif
WARN := -Wall -Wextra -Wno-unused-parameter -Wmissing-prototypes -Wstrict-prototypes -Wshadow
HARDEN := -fstack-protector-strong -fPIE
LDFLAGS += -pie -Wl,-z,relro,-z,now
ALL_CFLAGS = -std=gnu11 $(WARN) $(HARDEN) $(CFLAGS) $(SAN) $(PKG_CFLAGS) $(CPPFLAGS)

# UAPI headers only: no kernel headers, no BTF of the build machine.
MULTIARCH := $(shell $(CC) -print-multiarch 2>/dev/null)
BPF_CFLAGS := -target bpf -mcpu=v3 -O2 -g -std=gnu11 -Wall -Wextra -Wno-unused-parameter \
	-Wno-compare-distinct-pointer-types -fno-stack-protector -I/usr/include/$(MULTIARCH)

HOOKS := xdp tc nf
BPF_OBJS := $(foreach h,$(HOOKS),$(B)/$(h)/$(h).bpf.o) $(B)/xdp/plain.bpf.o $(B)/tc/plain.bpf.o
GEN := $(B)/ctl/text/rule.tab.c $(B)/ctl/text/rule.lex.c
include ctl/rooms.mk
# A room's folder, its objects, and those it may see with what they stand on: what it is linked with.
folder = $(if $(filter $(1),$(HOOKS)),$(1),ctl/$(1))
room_objs = $(patsubst %.c,$(B)/%.o,$(filter-out %.bpf.c,$(wildcard $(call folder,$(1))/*.c)))
below = $(filter $(foreach r,$(sees_$(1)),$(r) $(call below,$(r))),$(ROOMS))
reversed = $(if $(1),$(call reversed,$(wordlist 2,$(words $(1)),$(1))) $(firstword $(1)))
archives = $(patsubst %,$(B)/rooms/%.a,$(call reversed,$(1)))
OBJS := $(foreach r,$(ROOMS),$(call room_objs,$(r))) $(GEN:%.c=%.o) $(B)/ctl/state/objects.o
WALLS := $(ROOMS:%=$(B)/rooms/%.linked)
TEST_PROGS := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/unit/*.c tests/tools/*.c)) \
	$(B)/tests/bench/bench $(B)/tests/bench/live $(B)/tests/bench/hold $(B)/tests/bench/sets \
	$(B)/tests/bench/walk $(B)/tests/bench/stream
TEST_LIB := $(patsubst tests/%.c,$(B)/tests/%.o,$(wildcard tests/lib/*.c))
TEST_BPF := $(patsubst tests/%.bpf.c,$(B)/tests/%.bpf.o,$(wildcard tests/bpf/*.bpf.c tests/bench/*.bpf.c))

.PHONY: all walls deps demo test test-long bench bench-peers install uninstall clean tests bpf always
.DELETE_ON_ERROR:
.SECONDARY:

all: $(B)/netctl walls

bpf: $(BPF_OBJS)

tests: all $(TEST_PROGS) $(TEST_BPF)

$(B)/netctl: $(B)/ctl/cmd/main.o $(call archives,$(ROOMS))
	$(say) LINK $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

# A room is an archive, linked here with the rooms it may see and what these stand on: a call upward does not link. What
# comes out is a program that nobody runs: its objects are not made for a shared library. The folder is asked, too: a
# source that left it leaves the archive.
define room
$(B)/rooms/$(1).a: $(call folder,$(1)) $(call room_objs,$(1)) $(if $(filter text,$(1)),$(GEN:%.c=%.o)) $(if $(filter state,$(1)),$(B)/ctl/state/objects.o)
$(B)/rooms/$(1).linked: $(B)/rooms/$(1).a $(call archives,$(call below,$(1)))
endef
$(foreach r,$(ROOMS),$(eval $(call room,$(r))))

$(B)/rooms/%.a:
	@mkdir -p $(@D)
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

$(B)/rooms/%.linked:
	$(say) WALL $*
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -nostartfiles -Wl,-e,0 -Wl,--whole-archive $< -Wl,--no-whole-archive \
		$(filter-out $<,$^) $(PKG_LIBS) -o $@

walls: $(WALLS)

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/ctl/%.o: $(B)/ctl/%.c
	$(say) CC $<
	$(Q)$(CC) $(ALL_CFLAGS) -Wno-unused-function -Wno-missing-prototypes -Ictl/text -MMD -MP -c -o $@ $<

# The parser's header is generated: whoever includes it must find it.
$(OBJS): | $(GEN)
$(B)/ctl/text/rule.lex.o: $(B)/ctl/text/rule.tab.c

$(B)/ctl/text/rule.tab.c: ctl/text/rule.y
	@mkdir -p $(@D)
	$(say) BISON $<
	$(Q)$(BISON) -Wall -Wno-yacc --header=$(B)/ctl/text/rule.tab.h -o $@ $<

$(B)/ctl/text/rule.lex.c: ctl/text/rule.l $(B)/ctl/text/rule.tab.c
	@mkdir -p $(@D)
	$(say) FLEX $<
	$(Q)$(FLEX) --header-file=$(B)/ctl/text/rule.lex.h -o $@ $<

$(B)/%.bpf.o: %.bpf.c
	@mkdir -p $(@D)
	$(say) BPF $<
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -MT $@ -MF $(@:.o=.d) -c -o $@ $<
	$(Q)$(LLVM_STRIP) -g $@

# The programs travel inside the binary.
$(B)/ctl/state/objects.o: ctl/state/objects.S $(BPF_OBJS)
	@mkdir -p $(@D)
	$(say) EMBED $@
	$(Q)$(CC) -I$(B) -c -o $@ $<

LINK_TEST = $(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(PKG_LIBS) -lpcap -lcmocka -lpthread -lm

$(TEST_PROGS): $(B)/tests/%: $(B)/tests/%.o $(TEST_LIB) $(call archives,$(ROOMS))
	$(say) LINK $@
	$(Q)$(LINK_TEST)

$(B)/tests/bench/bench: $(B)/tests/bench/bench_report.o $(B)/tests/bench/bench_fields.o
$(B)/tests/bench/bench $(B)/tests/bench/sets $(B)/tests/bench/walk: $(B)/tests/bench/stand_in.o
$(B)/tests/bench/live $(B)/tests/bench/hold: $(B)/tests/bench/live_object.o
$(B)/tests/bench/live $(B)/tests/bench/stream: $(B)/tests/bench/charged.o

$(TEST_PROGS:%=%.o) $(TEST_LIB): | $(GEN)

# A test with the programs as another compiler makes them: these come before those of the rooms' archives. Whether they
# are up to date, the makefile knows of another $(B).
define other_programs
$(B)/clang-%/$(1): $(B)/tests/tools/$(1).o $(B)/clang-%/ctl/state/objects.o $(TEST_LIB) $(call archives,$(ROOMS))
	$$(say) LINK $$@
	$$(Q)$$(LINK_TEST)
endef
$(foreach t,verifier rows,$(eval $(call other_programs,$(t))))

$(B)/clang-%/ctl/state/objects.o: always
	$(Q)$(MAKE) --no-print-directory B=$(B)/clang-$* CLANG=clang-$* $@

deps:
	$(Q)tests/deps

demo: deps
	$(Q)$(MAKE) --no-print-directory all
	$(Q)tests/demo $(B)/netctl

test: deps
	$(Q)$(MAKE) --no-print-directory tests
	$(Q)tests/run

test-long: deps
	$(Q)$(MAKE) --no-print-directory tests
	$(Q)tests/run --long

bench: deps
	$(Q)$(MAKE) --no-print-directory $(B)/tests/bench/bench $(B)/tests/bench/sets $(TEST_BPF)
	$(Q)tests/bench/results "make bench" $(B)/tests/bench/bench $(B)
	$(Q)tests/bench/results "make bench, fields" $(B)/tests/bench/bench --fields $(B)
	$(Q)tests/bench/results "make bench, sets" $(B)/tests/bench/sets $(B)

bench-peers:
	$(Q)tests/deps --peers
	$(Q)$(MAKE) --no-print-directory $(B)/netctl $(foreach p,live hold stream,$(B)/tests/bench/$(p)) $(TEST_BPF)
	$(Q)tests/bench/results "make bench-peers" tests/bench/peers
	$(Q)tests/bench/results "make bench-peers, streams" tests/bench/peers --streams

install: all
	install -D -m 0755 $(B)/netctl $(DESTDIR)$(PREFIX)/sbin/netctl
	install -D -m 0644 ctl/cmd/netctl.8 $(DESTDIR)$(PREFIX)/share/man/man8/netctl.8

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/sbin/netctl $(DESTDIR)$(PREFIX)/share/man/man8/netctl.8

clean:
	rm -rf $(B)

-include $(shell find $(B) -name '*.d' 2>/dev/null)
