# SPDX-License-Identifier: GPL-2.0-only
# pwru: record packets' way through the kernel, report it elsewhere. `make help` lists the targets.

MAKEFLAGS += --no-builtin-rules
V       ?= 0
SHELL   := /bin/bash
PREFIX  ?= /usr/local
CC      ?= gcc
ifeq ($(origin CC),default)
CC      := gcc
endif
CLANG   ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool /sbin/bpftool) bpftool)
B       ?= build
O       := $(B)/obj
Q       := $(if $(filter 1,$(V)),,@)

WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla
CFLAGS  ?= -O2 -g
CPPFLAGS += -I. -I$(B)/gen -D_GNU_SOURCE
override CFLAGS += -std=gnu11 $(WARN) $(SAN) -fno-strict-aliasing
override LDFLAGS += $(SAN)

RECORD_LIBS := -lbpf -lelf -lz -lpcap -lseccomp -lpthread
REPORT_LIBS := -lbpf -ldw -lelf -lz -lnettle -lpcap -lseccomp -lpthread

# zstd'd captures open where libzstd is there.
ifneq ($(shell pkg-config --exists libzstd 2>/dev/null && echo yes),)
CPPFLAGS += -DHAVE_LIBZSTD $(shell pkg-config --cflags libzstd)
RECORD_LIBS += $(shell pkg-config --libs libzstd)
REPORT_LIBS += $(shell pkg-config --libs libzstd)
endif

COMMON := $(wildcard common/*.c)
LIVE   := record/pwru.c record/split.c record/sibling.c
RECORD := $(filter-out $(LIVE),$(wildcard record/*.c))
REPORT := $(wildcard report/*.c report/*/*.c)
UNITS  := $(wildcard tests/unit/test_*.c)
SUPPORT := $(wildcard tests/support/*.c)

obj = $(patsubst %.c,$(O)/%.o,$(1))

.PHONY: all packages demo test test-long soak bench lint format asan install man wireshark clean help units fuzz fuzz-programs
.DELETE_ON_ERROR:
.SECONDARY:

all: pwru-record pwru-report pwru ## build the three programs

pwru-record: $(call obj,$(RECORD) $(COMMON))
	$(if $(Q),@echo "  CC   $@")
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(RECORD_LIBS)

pwru-report: $(call obj,$(REPORT) $(COMMON))
	$(if $(Q),@echo "  CC   $@")
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(REPORT_LIBS)

pwru: $(call obj,$(LIVE) record/identity.c common/options.c common/log.c)
	$(if $(Q),@echo "  CC   $@")
	$(Q)$(CC) $(LDFLAGS) -o $@ $^

$(O)/%.o: %.c
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC   $@")
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# ---- BPF: one object, and its skeleton ----
$(B)/gen/pwru.bpf.o: bpf/pwru.bpf.c $(wildcard bpf/*.h)
	@mkdir -p $(@D)
	$(if $(Q),@echo "  BPF  $@")
	$(Q)$(CLANG) -target bpf -mcpu=v3 -g -O2 -Wall -Wextra -D__TARGET_ARCH_x86 -I. -c -o $@ $<

$(B)/gen/pwru.skel.h: $(B)/gen/pwru.bpf.o
	$(if $(Q),@echo "  GEN  $@")
	$(Q)$(BPFTOOL) gen skeleton $< name pwru_bpf > $@

$(call obj,$(RECORD)): | $(B)/gen/pwru.skel.h

# ---- units: each test_<module>.c is a program of its own, linked with the three rooms but their main() ----
UNIT_BINS := $(patsubst tests/unit/%.c,$(B)/unit/%,$(UNITS))
UNIT_LIBS := $(addprefix $(B)/lib,record.a report.a support.a common.a)
$(B)/librecord.a: $(call obj,$(filter-out record/main.c record/pwru.c,$(RECORD) $(LIVE)))
$(B)/libreport.a: $(call obj,$(filter-out report/main.c,$(REPORT)))
$(B)/libsupport.a: $(call obj,$(SUPPORT))
$(B)/libcommon.a: $(call obj,$(COMMON))
$(UNIT_LIBS):
	$(if $(Q),@echo "  AR   $@")
	$(Q)rm -f $@ && ar rcs $@ $^

$(B)/unit/%: $(O)/tests/unit/%.o $(UNIT_LIBS)
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC   $@")
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lcmocka $(RECORD_LIBS) $(REPORT_LIBS)

units: $(UNIT_BINS)

# ---- what a fresh Debian machine needs ----
PACKAGES_BUILD := gcc make clang llvm bpftool libbpf-dev libelf-dev zlib1g-dev libpcap-dev libseccomp-dev nettle-dev libdw-dev
PACKAGES_DEMO  := iproute2 nftables iputils-ping busybox-static dash procps
PACKAGES_VM    := qemu-system-x86 cpio kmod xz-utils zstd ethtool
PACKAGES_TEST  := libcmocka-dev tshark tcpdump wireshark-common python3 clang-format shellcheck git gzip jq util-linux bsdutils \
	pkg-config libzstd-dev libclang-rt-14-dev man-db python3-jsonschema elfutils dwz binutils debuginfod libdebuginfod1

packages: ## install what building needs
	@tests/support/deps.sh $(PACKAGES_BUILD)

demo: ## install what is missing, build, record real packets (one dropped by a firewall rule), print the report
	@tests/support/deps.sh $(PACKAGES_BUILD) $(PACKAGES_DEMO) $(PACKAGES_VM)
	@$(MAKE) --no-print-directory -j$(shell nproc) all
	@tests/support/demo.sh

SUITES := lint unit asan golden interleaving schema wireshark usage e2e-host live terminal memory e2e-options rotation accounting interop format reasons views \
	faults faults-live privileges blocks hostile scrub filters \
	fuzz-replay pcap-filter srcline linecache fetch annotate guest-6.12 guest-6.1 guest-5.10 guest-7 guest-accounting guest-soak guest-lockdown guest-caps guest-faults \
	guest-filters guest-symbols \
	guest-fields guest-lineage-6.12 guest-lineage-7 guest-lineage-6.1
SUITES_LONG := srcline-kernel guest-6.1-all guest-lineage-7-long guest-lineage-6.1-long

test: ## install what is missing, build, run every suite
	@tests/support/deps.sh $(PACKAGES_BUILD) $(PACKAGES_DEMO) $(PACKAGES_VM) $(PACKAGES_TEST)
	@$(MAKE) --no-print-directory -j$(shell nproc) all units
	@tests/run.sh $(SUITES)

test-long: ## what does not fit into `make test`: attaching to everything one by one on 6.1, 10,000 addresses of its source
	@tests/support/deps.sh $(PACKAGES_BUILD) $(PACKAGES_DEMO) $(PACKAGES_VM) $(PACKAGES_TEST)
	@$(MAKE) --no-print-directory -j$(shell nproc) all units
	@tests/run.sh $(SUITES_LONG)

soak: ## 20 minutes of mixed traffic in a guest, recorded in several files: memory flat, no descriptor more, counts exact
	@tests/support/deps.sh $(PACKAGES_BUILD) $(PACKAGES_DEMO) $(PACKAGES_VM) $(PACKAGES_TEST)
	@$(MAKE) --no-print-directory -j$(shell nproc) all
	@tests/run.sh guest-soak-long

bench: all ## rates against peers in the same run (root)
	tests/bench/bench.sh

lint: ## boundaries between the rooms, format, shell scripts
	tests/lint.sh

format: ## clang-format everything
	clang-format -i common/*.[ch] record/*.[ch] report/*.[ch] report/*/*.[ch] bpf/*.[ch] tests/unit/*.[ch] tests/support/*.[ch] tests/bench/*.c

ASAN := B=build/asan SAN='-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer'
asan: ## the unit tests under AddressSanitizer and UBSan
	@$(MAKE) --no-print-directory -j$(shell nproc) $(ASAN) units
	tests/suites/unit build/asan/unit

# ---- fuzzing: each target with libFuzzer and AFL++; with neither it is a program that replays inputs ----
FUZZ := reader event snapshot report scrub expr linecache debuginfo
FUZZ_MAIN ?= tests/fuzz/replay_main.c
FUZZ_BINS := $(FUZZ:%=$(B)/fuzz/%)
$(FUZZ_BINS): $(B)/fuzz/%: $(O)/tests/fuzz/fuzz_%.o $(call obj,tests/fuzz/fuzz.c tests/fuzz/json.c $(FUZZ_MAIN)) \
		$(B)/libreport.a $(B)/libcommon.a
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC   $@")
	$(Q)$(CC) $(LDFLAGS) $(FUZZ_ENGINE) -o $@ $^ $(REPORT_LIBS)
$(B)/fuzz/seed: $(call obj,tests/fuzz/seed.c tests/fuzz/seed_report.c) $(B)/libsupport.a $(B)/libcommon.a
	$(Q)mkdir -p $(@D) && $(CC) $(LDFLAGS) -o $@ $^ $(REPORT_LIBS)
$(B)/fuzz/bounded: $(call obj,tests/fuzz/bounded.c)
	$(Q)mkdir -p $(@D) && $(CC) $(LDFLAGS) -o $@ $^
fuzz-programs: $(FUZZ_BINS)

# ---- pcap filters in the kernel against libpcap's own interpreter (root) ----
PCAP_BINS := $(B)/pcap/diff $(B)/pcap/insns
$(B)/gen/pcap_run.bpf.o: tests/pcap/run.bpf.c tests/pcap/run.h bpf/stub.bpf.h bpf/skb_types.h bpf/pwru_abi.h
	@mkdir -p $(@D)
	$(Q)$(CLANG) -target bpf -mcpu=v3 -g -O2 -Wall -Wextra -D__TARGET_ARCH_x86 -I. -c -o $@ $<
$(B)/gen/pcap_run.skel.h: $(B)/gen/pcap_run.bpf.o
	$(Q)$(BPFTOOL) gen skeleton $< name pcap_run > $@
$(call obj,tests/pcap/kernel.c): | $(B)/gen/pcap_run.skel.h
PCAP_OBJ := $(call obj,$(addprefix tests/pcap/,kernel.c packets.c expression.c classic.c))
$(PCAP_BINS): $(B)/pcap/%: $(O)/tests/pcap/%.o $(PCAP_OBJ) $(addprefix $(B)/lib,record.a support.a common.a)
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC   $@")
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lcmocka $(RECORD_LIBS)
# ---- source lines against eu-addr2line and llvm-symbolizer ----
$(B)/srcline/lines: $(O)/tests/srcline/lines.o $(B)/libreport.a $(B)/libcommon.a
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC   $@")
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(REPORT_LIBS)

.PHONY: pcap-programs
pcap-programs: $(PCAP_BINS)

# ---- a capture of any size, for memory and speed ----
$(B)/bench/flood: $(call obj,tests/bench/flood.c) $(B)/libsupport.a $(B)/libcommon.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^

T ?= 60
fuzz: ## each fuzz target for T seconds with libFuzzer, and with AFL++ where that is installed
	tests/fuzz/run.sh $(T)

man: $(B)/pwru-record.8 $(B)/pwru-report.1 $(B)/pwru.8
$(B)/pwru-record.8: record/pwru-record.8 common/options.def tests/support/man.py
	@mkdir -p $(@D)
	$(Q)python3 tests/support/man.py RECORD $< > $@
$(B)/pwru-report.1: report/pwru-report.1 common/options.def report/filter/fields.def tests/support/man.py
	@mkdir -p $(@D)
	$(Q)python3 tests/support/man.py REPORT $< > $@
$(B)/pwru.8: record/pwru.8 common/options.def tests/support/man.py
	@mkdir -p $(@D)
	$(Q)python3 tests/support/man.py LIVE $< > $@

# ---- Wireshark: a plugin with the fields of the one table ----
wireshark: $(B)/pwru.lua ## the Wireshark plugin
$(B)/pwru.lua: report/wireshark/pwru.lua report/filter/fields.def
	@mkdir -p $(@D)
	$(if $(Q),@echo "  GEN  $@")
	$(Q)sed -nE 's/^HIT\(\w+, ("[^"]*"), ([A-Z]+), (".*")\)$$/\t{\1, "\2", \3},/p' report/filter/fields.def > $@.fields
	$(Q)sed -e '/^@@FIELDS@@$$/{r $@.fields' -e 'd}' $< > $@
	$(Q)rm $@.fields

install: all man wireshark ## into $(DESTDIR)$(PREFIX): programs, man pages, the Wireshark plugin
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man8 $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 755 pwru-record pwru-report pwru $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(B)/pwru-record.8 $(B)/pwru.8 $(DESTDIR)$(PREFIX)/share/man/man8
	install -m 644 $(B)/pwru-report.1 $(DESTDIR)$(PREFIX)/share/man/man1
	install -d $(DESTDIR)$(PREFIX)/share/pwru
	install -m 644 $(B)/pwru.lua $(DESTDIR)$(PREFIX)/share/pwru

clean: ## remove what was built
	rm -rf $(B) pwru-record pwru-report pwru

help: ## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

-include $(shell find $(O) -name '*.d' 2>/dev/null)
