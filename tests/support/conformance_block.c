// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/conformance_block.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIME_HIGH 0x0004c397
#define TIME_LOW  0x64ca47aa

/* kind 's' text, 'b' bytes as they stand, '4', '8' and 't' a number or two in the file's order. */
static const struct {
	const char *listed;
	uint16_t code;
	char kind;
	uint8_t len;
	const char *value;
} options[] = {
	[HARDWARE] = {"shb_hardware", 2, 's', 0, "x86 laptop"},
	[OS] = {"shb_os", 3, 's', 0, "Linux 6.12"},
	[USERAPPL] = {"shb_userappl", 4, 's', 0, "conformance.c"},
	[IF_NAME] = {"if_name", 2, 's', 0, "eth0"},
	[IF_DESCRIPTION] = {"if_description", 3, 's', 0, "interface\r\nof two lines"},
	[IF_IPV4] = {"if_IPv4addr", 4, 'b', 8, "\x0a\1\2\3\xff\xff\xff\0"},
	[IF_IPV6] = {"if_IPv6addr", 5, 'b', 17, "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\x40"},
	[IF_MAC] = {"if_MACaddr", 6, 'b', 6, "\0\1\2\3\4\5"},
	[IF_EUI] = {"if_EUIaddr", 7, 'b', 8, "\2\x34\x56\xff\xfe\x78\x9a\xbc"},
	[IF_SPEED] = {"if_speed", 8, '8', 8, "\x3b\x9a\xca\0"},
	[IF_TSRESOL] = {"if_tsresol", 9, 'b', 1, "\6"},
	[IF_TZONE] = {"if_tzone", 10, '4', 4, NULL},
	[IF_FILTER] = {"if_filter", 11, 'b', 7, "\0tcp 23"},
	[IF_OS] = {"if_os", 12, 's', 0, "an\nold one"},
	[IF_FCSLEN] = {"if_fcslen", 13, 'b', 1, "\4"},
	[IF_TSOFFSET] = {"if_tsoffset", 14, '8', 8, NULL},
	[IF_HARDWARE] = {"if_hardware", 15, 's', 0, "a card"},
	[IF_TXSPEED] = {"if_txspeed", 16, '8', 8, NULL},
	[IF_RXSPEED] = {"if_rxspeed", 17, '8', 8, NULL},
	[IF_IANA] = {"if_iana_tzname", 18, 's', 0, "Europe/Paris"},
	[EPB_FLAGS] = {"epb_flags", 2, '4', 4, NULL},
	[EPB_HASH] = {"epb_hash", 3, 'b', 5, "\2\1\2\3\4"},
	[EPB_DROPS] = {"epb_dropcount", 4, '8', 8, NULL},
	[EPB_ID] = {"epb_packetid", 5, '8', 8, NULL},
	[EPB_QUEUE] = {"epb_queue", 6, '4', 4, NULL},
	[EPB_VERDICT] = {"epb_verdict", 7, 'b', 9, "\1\0\0\0\0\0\0\0\2"},
	[EPB_PROCESS] = {"epb_processid_threadid", 8, '8', 8, NULL},
	[PACK_FLAGS] = {"pack_flags", 2, '4', 4, NULL},
	[PACK_HASH] = {"pack_hash", 3, 'b', 5, "\2\1\2\3\4"},
	[NS_NAME] = {"ns_dnsname", 2, 's', 0, "a resolver"},
	[NS_IP4] = {"ns_dnsIP4addr", 3, 'b', 4, "\x7f\0\0\1"},
	[NS_IP6] = {"ns_dnsIP6addr", 4, 'b', 16, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"},
	[ISB_START] = {"isb_starttime", 2, 't', 8, NULL},
	[ISB_END] = {"isb_endtime", 3, 't', 8, NULL},
	[ISB_RECV] = {"isb_ifrecv", 4, '8', 8, NULL},
	[ISB_DROP] = {"isb_ifdrop", 5, '8', 8, NULL},
	[ISB_ACCEPT] = {"isb_filteraccept", 6, '8', 8, NULL},
	[ISB_OSDROP] = {"isb_osdrop", 7, '8', 8, NULL},
	[ISB_USER] = {"isb_usrdeliv", 8, '8', 8, NULL},
	[COMMENT] = {"opt_comment", 1, 's', 0, "a comment, and more\nof it"},
	[UNKNOWN] = {"option 291", 0x0123, 'b', 0, NULL},
	[UNKNOWN_LOCAL] = {"option 33059", 0x8123, 's', 0, "local use"},
	[EMPTY_COMMENT] = {"opt_comment", 1, 's', 0, ""},
	[CUSTOM_STR] = {"opt_custom 2988 (PEN 32473)", 2988, 'c', 12, "a string"},
	[CUSTOM_BIN] = {"opt_custom 2989 (PEN 32473)", 2989, 'c', 7, "\0\1\2"},
	[CUSTOM_STR_NOCOPY] = {"opt_custom 19372 (PEN 32473)", 19372, 'c', 4, ""},
	[CUSTOM_BIN_NOCOPY] = {"opt_custom 19373 (PEN 32473)", 19373, 'c', 9, "bytes"},
};

/* ---- blocks ---- */

static struct conformance *now; /* the one being built */
static FILE *list;
static size_t began;
static const char *block_is;
static char where[64]; /* the interface, the byte order or the enterprise */
static unsigned int listed;
static char names[1024];
static unsigned int ids; /* interfaces of the section */

static void begin(uint32_t type, const char *name)
{
	block_is = name;
	where[0] = names[0] = 0;
	listed = 0;
	began = built_begin(&now->file, type);
}

void cf_option(enum cf_option id)
{
	struct pcapng_builder *b = &now->file;
	size_t len = options[id].kind == 's' ? strlen(options[id].value) : options[id].len;

	snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
		 listed++ ? ", " : "  ", options[id].listed);
	built_u16(b, options[id].code);
	built_u16(b, (uint16_t)len);
	switch (options[id].kind) {
	case '4':
		built_u32(b, 1);
		break;
	case '8':
		built_u64(b, id == IF_TSOFFSET ? 0 : 1000);
		break;
	case 't':
		built_u32(b, TIME_HIGH);
		built_u32(b, TIME_LOW);
		break;
	case 'c':
		built_u32(b, CF_PEN_EXAMPLE);
		len -= 4;
		/* fallthrough */
	default:
		built_bytes(b, options[id].value, len);
	}
	built_pad(b);
}

void cf_end(void)
{
	if (listed)
		built_option_end(&now->file);
	built_end(&now->file, began);
	fprintf(list, "%10zu  %-28s  %9zu%s%s%s\n", began, block_is, now->file.len - began,
		where[0] ? "  " : "", where, names);
}

#define INTERFACE snprintf(where, sizeof(where), "interface %u", id)

void cf_begin_shb(uint64_t section_length)
{
	begin(0x0a0d0d0a, "Section Header Block");
	strcpy(where, now->file.big ? "big-endian" : "little-endian");
	built_u32(&now->file, 0x1a2b3c4d);
	built_u16(&now->file, 1);
	built_u16(&now->file, 0);
	built_u64(&now->file, section_length);
	now->sections++;
	ids = 0;
}

void cf_shb(void)
{
	cf_begin_shb(UINT64_MAX);
	cf_option(HARDWARE);
	cf_option(OS);
	cf_option(USERAPPL);
	cf_option(COMMENT);
	cf_end();
}

void cf_begin_idb(uint16_t linktype, uint32_t snaplen)
{
	unsigned int id = ids++;

	begin(1, "Interface Description Block");
	INTERFACE;
	built_u16(&now->file, linktype);
	built_u16(&now->file, 0);
	built_u32(&now->file, snaplen);
	now->interfaces++;
}

void cf_idb(uint16_t linktype, uint32_t snaplen)
{
	cf_begin_idb(linktype, snaplen);
	cf_option(IF_NAME);
	cf_end();
}

static void packet_bytes(uint32_t caplen)
{
	for (uint32_t i = 0; i < caplen; i++)
		built_bytes(&now->file, i == 12 ? "\x88" : i == 13 ? "\xb5" : "\0", 1);
	built_pad(&now->file);
	now->packets++;
}

void cf_begin_epb(uint32_t id, uint32_t caplen, uint32_t origlen)
{
	begin(6, "Enhanced Packet Block");
	INTERFACE;
	built_u32(&now->file, id);
	built_u32(&now->file, TIME_HIGH);
	built_u32(&now->file, TIME_LOW + now->packets);
	built_u32(&now->file, caplen);
	built_u32(&now->file, origlen);
	packet_bytes(caplen);
}

void cf_epb(uint32_t id, uint32_t caplen, uint32_t origlen)
{
	cf_begin_epb(id, caplen, origlen);
	cf_end();
}

void cf_spb(uint32_t caplen, uint32_t origlen)
{
	unsigned int id = 0;

	begin(3, "Simple Packet Block");
	INTERFACE;
	built_u32(&now->file, origlen);
	packet_bytes(caplen);
	cf_end();
}

void cf_begin_opb(uint16_t id)
{
	begin(2, "Packet Block");
	INTERFACE;
	built_u16(&now->file, id);
	built_u16(&now->file, 7);
	built_u32(&now->file, TIME_HIGH);
	built_u32(&now->file, TIME_LOW);
	built_u32(&now->file, 61);
	built_u32(&now->file, 61);
	packet_bytes(61);
}

static void record(uint16_t type, const void *value, uint16_t len)
{
	built_option(&now->file, type, value, len);
}

void cf_begin_nrb(unsigned int records)
{
	begin(4, "Name Resolution Block");
	if (records > 0)
		record(1, "\xc0\xa8\1\2example.com", 16);
	if (records > 1)
		record(2,
		       "\xfc\1\xde\xad\0\0\0\0\0\0\0\0\0\0\xbe\xef"
		       "a",
		       18);
	if (records > 2)
		record(0x0123, "foobar", 6); /* of a type nobody knows */
	if (records > 3)
		record(0x8123, "", 0);
	built_u32(&now->file, 0); /* nrb_record_end */
}

void cf_nrb(unsigned int records)
{
	cf_begin_nrb(records);
	cf_end();
}

void cf_begin_isb(uint32_t id)
{
	begin(5, "Interface Statistics Block");
	INTERFACE;
	built_u32(&now->file, id);
	built_u32(&now->file, TIME_HIGH);
	built_u32(&now->file, TIME_LOW);
}

void cf_isb(uint32_t id)
{
	cf_begin_isb(id);
	cf_end();
}

void cf_isb_all(uint32_t id)
{
	cf_begin_isb(id);
	for (enum cf_option o = ISB_START; o <= ISB_USER; o++)
		cf_option(o);
	cf_option(COMMENT);
	cf_end();
}

void cf_cb(uint32_t pen, bool copy, const char *data)
{
	begin(copy ? 0xbad : 0x40000bad, "Custom Block");
	snprintf(where, sizeof(where), "PEN %u%s", pen, copy ? "" : ", not to be copied");
	built_u32(&now->file, pen);
	built_bytes(&now->file, data, strlen(data));
	built_pad(&now->file);
	cf_end();
}

void cf_dsb(bool comment)
{
	begin(10, "Decryption Secrets Block");
	built_u32(&now->file, 0x544c534b);
	built_u32(&now->file, 13);
	built_bytes(&now->file, "CLIENT_RANDOM", 13);
	built_pad(&now->file);
	if (comment)
		cf_option(COMMENT);
	cf_end();
}

void cf_journal(void)
{
	begin(9, "systemd Journal Export Block");
	built_bytes(&now->file, "__REALTIME_TIMESTAMP=1\nMESSAGE=x\n\n", 34);
	built_pad(&now->file);
	cf_end();
}

void cf_unknown(uint32_t type, const char *name)
{
	begin(type, name);
	built_bytes(&now->file, "whatever", 8);
	cf_end();
}

/* ---- a file ---- */

void cf_begin_file(struct conformance *c)
{
	now = c;
	list = open_memstream(&c->listing, &c->listing_len);
	if (!list)
		abort();
}

void cf_end_file(void)
{
	fclose(list);
	now = NULL;
}

void cf_without_option_end(void)
{
	listed = 0;
}

size_t cf_block_offset(void)
{
	return began;
}
