/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_SUPPORT_CONFORMANCE_BLOCK_H
#define TESTS_SUPPORT_CONFORMANCE_BLOCK_H

/*
 * Blocks of a conformance file, and their lines in its listing. What begins is ended with cf_end(),
 * options come between; the others are whole. One file at a time.
 */

#include "tests/support/conformance.h"

#define CF_PEN_EXAMPLE 32473
#define CF_PEN_OTHER   36724

enum cf_option {
	HARDWARE,
	OS,
	USERAPPL,
	IF_NAME,
	IF_DESCRIPTION,
	IF_IPV4,
	IF_IPV6,
	IF_MAC,
	IF_EUI,
	IF_SPEED,
	IF_TSRESOL,
	IF_TZONE,
	IF_FILTER,
	IF_OS,
	IF_FCSLEN,
	IF_TSOFFSET,
	IF_HARDWARE,
	IF_TXSPEED,
	IF_RXSPEED,
	IF_IANA,
	EPB_FLAGS,
	EPB_HASH,
	EPB_DROPS,
	EPB_ID,
	EPB_QUEUE,
	EPB_VERDICT,
	EPB_PROCESS,
	PACK_FLAGS,
	PACK_HASH,
	NS_NAME,
	NS_IP4,
	NS_IP6,
	ISB_START,
	ISB_END,
	ISB_RECV,
	ISB_DROP,
	ISB_ACCEPT,
	ISB_OSDROP,
	ISB_USER,
	COMMENT,
	UNKNOWN,
	UNKNOWN_LOCAL,
	EMPTY_COMMENT,
	CUSTOM_STR,
	CUSTOM_BIN,
	CUSTOM_STR_NOCOPY,
	CUSTOM_BIN_NOCOPY,
};

void cf_option(enum cf_option id);
void cf_end(void);
void cf_begin_shb(uint64_t section_length);
void cf_shb(void);
void cf_begin_idb(uint16_t linktype, uint32_t snaplen);
void cf_idb(uint16_t linktype, uint32_t snaplen);
void cf_begin_epb(uint32_t id, uint32_t caplen, uint32_t origlen);
void cf_epb(uint32_t id, uint32_t caplen, uint32_t origlen);
void cf_spb(uint32_t caplen, uint32_t origlen);
void cf_begin_opb(uint16_t id);
void cf_begin_nrb(unsigned int records);
void cf_nrb(unsigned int records);
void cf_begin_isb(uint32_t id);
void cf_isb(uint32_t id);
void cf_isb_all(uint32_t id);
void cf_cb(uint32_t pen, bool copy, const char *data);
void cf_dsb(bool comment);
void cf_journal(void);
void cf_unknown(uint32_t type, const char *name);

void cf_begin_file(struct conformance *c);
void cf_end_file(void);
void cf_without_option_end(void); /* the block begun will get no opt_endofopt */
size_t cf_block_offset(void);	  /* of the block begun or ended last */

#endif
