# SPDX-License-Identifier: GPL-2.0-only
# pwru: record packets' way through the kernel, report it elsewhere. `make help` lists the targets.

MAKEFLAGS += --no-builtin-rules
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

WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla
CFLAGS  ?= -O2 -g
CPPFLAGS += -I. -I$(B)/gen -D_GNU_SOURCE
override CFLAGS += -std=gnu11 $(WARN) $(SAN) -fno-strict-aliasing
override LDFLAGS += $(SAN)

RECORD_LIBS := -lbpf -lelf -lz -lpthread
REPORT_LIBS := -lz

COMMON := $(wildcard common/*.c)
RECORD := $(wildcard record/*.c)
REPORT := $(wildcard report/*.c)
UNITS  := $(wildcard tests/unit/test_*.c)
SUPPORT := $(wildcard tests/support/*.c)

obj = $(patsubst %.c,$(O)/%.o,$(1))

.PHONY: all demo test test-long bench lint format asan install clean help deps units
.DELETE_ON_ERROR:
.SECONDARY:

all: pwru-record pwru-report ## build both programs

pwru-record: $(call obj,$(RECORD) $(COMMON))
	$(CC) $(LDFLAGS) -o $@ $^ $(RECORD_LIBS)

pwru-report: $(call obj,$(REPORT) $(COMMON))
	$(CC) $(LDFLAGS) -o $@ $^ $(REPORT_LIBS)

$(O)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# ---- BPF: one object, and its skeleton ----
$(B)/gen/pwru.bpf.o: bpf/pwru.bpf.c $(wildcard bpf/*.h)
	@mkdir -p $(@D)
	$(CLANG) -target bpf -mcpu=v3 -g -O2 -Wall -Wextra -D__TARGET_ARCH_x86 -I. -c -o $@ $<

$(B)/gen/pwru.skel.h: $(B)/gen/pwru.bpf.o
	$(BPFTOOL) gen skeleton $< name pwru_bpf > $@

$(call obj,$(RECORD)): | $(B)/gen/pwru.skel.h

# ---- units: each test_<module>.c is a program of its own, linked with the three rooms but their main() ----
UNIT_BINS := $(patsubst tests/unit/%.c,$(B)/unit/%,$(UNITS))
ROOMS := $(filter-out record/main.c report/main.c,$(COMMON) $(RECORD) $(REPORT))
$(B)/librooms.a: $(call obj,$(ROOMS) $(SUPPORT))
	rm -f $@ && ar rcs $@ $^

$(B)/unit/%: $(O)/tests/unit/%.o $(B)/librooms.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lcmocka $(RECORD_LIBS) $(REPORT_LIBS)

units: $(UNIT_BINS)

clean: ## remove what was built
	rm -rf $(B) pwru-record pwru-report

help: ## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

-include $(shell find $(O) -name '*.d' 2>/dev/null)
