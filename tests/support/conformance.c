// SPDX-License-Identifier: GPL-2.0-only
/* The files: what stands in each. */
#include "tests/support/conformance.h"

#include <stdlib.h>

#include "tests/support/conformance_block.h"

static struct conformance *now; /* the one being built */

static void only_header(void)
{
	cf_begin_shb(UINT64_MAX);
	cf_end();
}

static void no_packets(void)
{
	cf_shb();
	cf_idb(1, 96);
}

static void packets(void)
{
	cf_shb();
	cf_idb(1, 0);
	cf_epb(0, 314, 314);
	cf_epb(0, 342, 342);
	cf_epb(0, 61, 1500);
}

static void interfaces(void)
{
	cf_shb();
	cf_idb(1, 96);
	cf_idb(0, 0);
	cf_begin_idb(1, 128); /* without a name or any other option */
	cf_end();
	cf_epb(0, 96, 314);
	cf_epb(2, 128, 342);
	cf_epb(1, 61, 61);
	cf_idb(1, 0); /* later than packets */
	cf_epb(3, 400, 400);
}

static void interface_options(void)
{
	cf_shb();
	cf_begin_idb(1, 96);
	cf_option(COMMENT);
	for (enum cf_option o = IF_NAME; o <= IF_IANA; o++)
		cf_option(o);
	for (enum cf_option o = CUSTOM_STR; o <= CUSTOM_BIN_NOCOPY; o++)
		cf_option(o);
	cf_option(UNKNOWN);
	cf_option(UNKNOWN_LOCAL);
	cf_end();
	cf_epb(0, 96, 314);
	cf_begin_idb(1, 128); /* and backwards */
	cf_option(UNKNOWN_LOCAL);
	cf_option(CUSTOM_BIN);
	for (int o = IF_IANA; o >= IF_NAME; o--)
		cf_option((enum cf_option)o);
	cf_option(COMMENT);
	cf_option(COMMENT);
	cf_end();
	cf_epb(1, 128, 342);
}

static void packet_options(void)
{
	cf_shb();
	cf_idb(1, 0);
	cf_begin_epb(0, 60, 60);
	for (enum cf_option o = EPB_FLAGS; o <= EPB_PROCESS; o++)
		cf_option(o);
	cf_option(COMMENT);
	for (enum cf_option o = CUSTOM_STR; o <= CUSTOM_BIN_NOCOPY; o++)
		cf_option(o);
	cf_end();
	cf_begin_epb(0, 61, 61);
	cf_option(UNKNOWN);
	cf_option(EMPTY_COMMENT);
	cf_option(EPB_FLAGS);
	cf_option(EMPTY_COMMENT);
	cf_end();
}

static void simple_packets(void)
{
	cf_shb();
	cf_idb(1, 0);
	cf_spb(314, 314);
	cf_spb(61, 61);
}

static void simple_packets_cut(void)
{
	cf_shb();
	cf_idb(1, 96);
	cf_spb(96, 314);
	cf_epb(0, 96, 342);
	cf_spb(61, 61);
}

static void old_packets(void)
{
	cf_shb();
	cf_idb(1, 0);
	cf_begin_opb(0);
	cf_end();
	cf_begin_opb(0);
	cf_option(PACK_FLAGS);
	cf_option(PACK_HASH);
	cf_option(COMMENT);
	cf_end();
}

static void statistics(void)
{
	cf_shb();
	cf_idb(1, 96);
	cf_isb(0);
	cf_isb_all(0);
}

static void statistics_among_packets(void)
{
	cf_shb();
	cf_idb(1, 96);
	cf_idb(0, 0);
	cf_isb(1);
	cf_epb(0, 96, 314);
	cf_isb_all(1);
	cf_begin_isb(0);
	cf_option(UNKNOWN);
	cf_option(ISB_DROP);
	cf_end();
	cf_epb(1, 61, 61);
	cf_isb(0);
}

static void names_first(void)
{
	cf_shb();
	cf_nrb(3);
	cf_idb(1, 0);
	cf_nrb(0);
	cf_begin_nrb(1);
	cf_option(NS_NAME);
	cf_option(NS_IP4);
	cf_option(NS_IP6);
	cf_option(COMMENT);
	cf_end();
}

static void names_among_packets(void)
{
	cf_shb();
	cf_idb(1, 0);
	cf_begin_nrb(2);
	cf_option(COMMENT);
	cf_end();
	cf_spb(60, 60);
	cf_epb(0, 61, 61);
	cf_nrb(4);
	cf_spb(62, 62);
	cf_begin_nrb(0); /* options, no records */
	cf_option(COMMENT);
	cf_option(UNKNOWN);
	cf_end();
	cf_epb(0, 63, 63);
}

static void custom_alone(void)
{
	cf_shb();
	cf_cb(CF_PEN_EXAMPLE, true, "an example");
	cf_cb(CF_PEN_OTHER, false, "");
}

static void custom_among_packets(void)
{
	cf_shb();
	cf_idb(1, 0);
	cf_cb(CF_PEN_EXAMPLE, true, "an example");
	cf_spb(60, 60);
	cf_cb(CF_PEN_EXAMPLE, false, "not to be copied");
	cf_epb(0, 61, 61);
	cf_cb(CF_PEN_OTHER, false, "all of it");
}

static void secrets(void)
{
	cf_shb();
	cf_dsb(false);
	cf_idb(1, 0);
	cf_epb(0, 60, 60);
	cf_dsb(true);
	cf_epb(0, 60, 60);
}

static void journals(void)
{
	cf_shb();
	cf_journal();
	cf_idb(1, 0);
	cf_epb(0, 60, 60);
	cf_journal();
}

static void unknown_blocks(void)
{
	cf_shb();
	cf_unknown(0x01234567, "unknown 0x01234567");
	cf_idb(1, 0);
	cf_unknown(0x81234567, "unknown 0x81234567");
	cf_epb(0, 60, 60);
	cf_unknown(7, "unknown 0x00000007");
}

static void everything(void)
{
	cf_cb(CF_PEN_EXAMPLE, true, "an example");
	cf_begin_nrb(3);
	cf_option(COMMENT);
	cf_option(UNKNOWN);
	cf_option(UNKNOWN_LOCAL);
	cf_end();
	cf_idb(1, 96);
	cf_idb(0, 0);
	cf_isb(1);
	cf_epb(0, 96, 314);
	cf_dsb(true);
	cf_cb(CF_PEN_OTHER, false, "not to be copied");
	cf_begin_idb(1, 0);
	cf_option(IF_DESCRIPTION);
	cf_option(IF_NAME);
	cf_end();
	cf_epb(2, 342, 342);
	cf_isb_all(2);
	cf_spb(96, 314);
	cf_nrb(0);
	cf_unknown(0x81234567, "unknown 0x81234567");
	cf_epb(1, 61, 61);
	cf_begin_opb(1);
	cf_end();
	cf_journal();
	cf_isb(0);
}

static void all_intermixed(void)
{
	cf_shb();
	everything();
}

static void empty_sections(void)
{
	for (int i = 0; i < 3; i++) {
		cf_shb();
		cf_idb(i == 2 ? 0 : 1, i == 1 ? 0 : 96);
	}
	cf_begin_shb(UINT64_MAX);
	cf_end();
	cf_begin_shb(UINT64_MAX);
	cf_end();
}

static void several_sections(void)
{
	cf_shb();
	cf_idb(1, 96);
	cf_idb(0, 0);
	cf_epb(0, 96, 314);
	cf_isb(1);
	cf_begin_shb(UINT64_MAX);
	cf_option(UNKNOWN);
	cf_option(UNKNOWN_LOCAL);
	cf_option(COMMENT);
	cf_end();
	cf_idb(1, 128);
	cf_epb(0, 128, 342);
	cf_isb_all(0);
	cf_spb(128, 342);
	cf_shb();
	cf_idb(1, 96);
	cf_idb(0, 0);
	cf_isb_all(0);
	cf_epb(1, 61, 61);
	cf_isb(0);
}

static void orders_mixed(void)
{
	cf_shb();
	everything();
	now->file.big = !now->file.big;
	cf_begin_shb(UINT64_MAX);
	cf_option(COMMENT);
	cf_end();
	everything();
	now->file.big = !now->file.big;
	cf_shb();
	cf_nrb(3);
	everything();
}

/* The header tells how long the section is; the second one is empty and says so. */
static void section_lengths(void)
{
	size_t header, at;

	cf_begin_shb(UINT64_MAX);
	header = cf_block_offset() + 16;
	cf_end();
	at = now->file.len;
	cf_idb(1, 0);
	cf_epb(0, 60, 60);
	built_poke32(&now->file, header + (now->file.big ? 4 : 0), (uint32_t)(now->file.len - at));
	built_poke32(&now->file, header + (now->file.big ? 0 : 4), 0);
	cf_begin_shb(0);
	cf_end();
}

/* Options may end with the block, without opt_endofopt. */
static void option_ends(void)
{
	cf_begin_shb(UINT64_MAX);
	cf_option(COMMENT);
	cf_without_option_end();
	cf_end();
}

static const struct {
	const char *name;
	void (*build)(void);
} files[] = {
	{"only-header", only_header},
	{"no-packets", no_packets},
	{"packets", packets},
	{"interfaces", interfaces},
	{"interface-options", interface_options},
	{"packet-options", packet_options},
	{"simple-packets", simple_packets},
	{"simple-packets-cut", simple_packets_cut},
	{"old-packets", old_packets},
	{"statistics", statistics},
	{"statistics-among-packets", statistics_among_packets},
	{"names-first", names_first},
	{"names-among-packets", names_among_packets},
	{"custom-alone", custom_alone},
	{"custom-among-packets", custom_among_packets},
	{"secrets", secrets},
	{"journals", journals},
	{"unknown-blocks", unknown_blocks},
	{"all-intermixed", all_intermixed},
	{"empty-sections", empty_sections},
	{"several-sections", several_sections},
	{"orders-mixed", orders_mixed},
	{"section-lengths", section_lengths},
	{"option-ends", option_ends},
};

const char *conformance_name(unsigned int i)
{
	return i < sizeof(files) / sizeof(files[0]) ? files[i].name : NULL;
}

void conformance_build(unsigned int i, bool big, struct conformance *ret)
{
	*ret = (struct conformance){.file = {.big = big}};
	now = ret;
	cf_begin_file(ret);
	files[i].build();
	cf_end_file();
	now = NULL;
}

void conformance_deinit(struct conformance *c)
{
	pcapng_builder_deinit(&c->file);
	free(c->listing);
}
