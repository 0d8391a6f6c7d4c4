// SPDX-License-Identifier: GPL-2.0-only
/*
 * A line a block, of any pcapng: what it is made of, not what it tells. It stands beside the pipe,
 * as there need be no hits in the file, and stops where the damage begins. With a filter, the files
 * went through the pipe before, and of the blocks that hold a hit only those that it keeps are
 * shown.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/pcapng_reader.h"
#include "report/read/bits.h"
#include "report/filter/filter.h"
#include "report/pipe.h"
#include "report/render/render_json.h"
#include "report/render/render_text.h"
#include "report/replay.h"
#include "report/twice.h"
#include "report/view.h"

#define NAME_COLUMNS   28
#define OFFSET_COLUMNS 10
#define LENGTH_COLUMNS 9

struct blocks {
	const struct report_options *options;
	struct sink sink;
	const char *file;
	struct bits *kept;	  /* of each file, its hits by number; NULL: no filter */
	const struct bits *these; /* of this file */
	uint64_t hits;		  /* in this file so far */
	enum pipe_status status;
};

/* ---- names, as the specification has them ---- */

static const char *block_name(uint32_t type)
{
	switch (type) {
	case PCAPNG_SHB:
		return "Section Header Block";
	case PCAPNG_IDB:
		return "Interface Description Block";
	case PCAPNG_OPB:
		return "Packet Block";
	case PCAPNG_SPB:
		return "Simple Packet Block";
	case PCAPNG_NRB:
		return "Name Resolution Block";
	case PCAPNG_ISB:
		return "Interface Statistics Block";
	case PCAPNG_EPB:
		return "Enhanced Packet Block";
	case PCAPNG_JOURNAL:
		return "systemd Journal Export Block";
	case PCAPNG_DSB:
		return "Decryption Secrets Block";
	case PCAPNG_CB:
	case PCAPNG_CB_NOCOPY:
		return "Custom Block";
	default:
		return NULL;
	}
}

struct names {
	uint32_t type;
	const char *const *names; /* by code, from 2 on */
	unsigned int count;
};

#define NAMES(...)                          \
	(const char *const[]){__VA_ARGS__}, \
		sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)

static const struct names option_names[] = {
	{PCAPNG_SHB, NAMES("shb_hardware", "shb_os", "shb_userappl")},
	{PCAPNG_IDB, NAMES("if_name", "if_description", "if_IPv4addr", "if_IPv6addr", "if_MACaddr",
			   "if_EUIaddr", "if_speed", "if_tsresol", "if_tzone", "if_filter", "if_os",
			   "if_fcslen", "if_tsoffset", "if_hardware", "if_txspeed", "if_rxspeed",
			   "if_iana_tzname")},
	{PCAPNG_OPB, NAMES("pack_flags", "pack_hash")},
	{PCAPNG_NRB, NAMES("ns_dnsname", "ns_dnsIP4addr", "ns_dnsIP6addr")},
	{PCAPNG_ISB, NAMES("isb_starttime", "isb_endtime", "isb_ifrecv", "isb_ifdrop",
			   "isb_filteraccept", "isb_osdrop", "isb_usrdeliv")},
	{PCAPNG_EPB, NAMES("epb_flags", "epb_hash", "epb_dropcount", "epb_packetid", "epb_queue",
			   "epb_verdict", "epb_processid_threadid")},
};

static bool is_custom(uint16_t code)
{
	return code == PCAPNG_OPT_CUSTOM || code == PCAPNG_OPT_CUSTOM_STR ||
	       code == PCAPNG_OPT_CUSTOM_NOCOPY || code == PCAPNG_OPT_CUSTOM_STR_NOCOPY;
}

/* NULL: none that we know. */
static const char *option_name(uint32_t type, uint16_t code)
{
	if (code == PCAPNG_OPT_COMMENT)
		return "opt_comment";
	if (is_custom(code))
		return "opt_custom";
	for (size_t i = 0; i < sizeof(option_names) / sizeof(option_names[0]); i++)
		if (option_names[i].type == type && code >= 2 && code - 2u < option_names[i].count)
			return option_names[i].names[code - 2];
	return NULL;
}

/* ---- what a line tells besides ---- */

/* The enterprise number of a custom block; false: another block, or too short for one. */
static bool custom_pen(const struct pcapng_block *b, uint32_t *pen)
{
	struct cursor c = b->body;

	if (b->type != PCAPNG_CB && b->type != PCAPNG_CB_NOCOPY)
		return false;
	*pen = cursor_u32(&c);
	return !c.bad;
}

static const char *byte_order(const struct pcapng_block *b)
{
	bool big = b->body.swap == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);

	return b->type != PCAPNG_SHB ? NULL : big ? "big-endian" : "little-endian";
}

/* Offset in the input of what the cursor is at. */
static uint64_t offset_of(const struct pcapng_block *b, const struct cursor *c)
{
	return b->offset + 8 + (uint64_t)(c->p - b->body.p);
}

/* ---- text ---- */

static void put_padded(struct sink *s, uint64_t v, int columns)
{
	char text[20];
	int len = (int)(sink_put_u64(text, v) - text);

	sink_fill(s, ' ', columns - len);
	sink_mem(s, text, (size_t)len);
}

static void text_head(struct sink *s, const struct pcapng_block *b)
{
	const char *name = block_name(b->type), *order = byte_order(b);
	uint32_t pen;

	put_padded(s, b->offset, OFFSET_COLUMNS);
	sink_mem(s, "  ", 2);
	if (name) {
		sink_str(s, name);
		sink_fill(s, ' ', NAME_COLUMNS - (int)strlen(name));
	} else {
		sink_str(s, "unknown 0x");
		sink_hex(s, b->type, 8);
		sink_fill(s, ' ', NAME_COLUMNS - 18);
	}
	sink_mem(s, "  ", 2);
	put_padded(s, b->length, LENGTH_COLUMNS);
	if (order)
		sink_printf(s, "  %s", order);
	if (b->interface != UINT32_MAX)
		sink_printf(s, "  interface %u", b->interface);
	if (custom_pen(b, &pen))
		sink_printf(s, "  PEN %u%s", pen,
			    b->type == PCAPNG_CB_NOCOPY ? ", not to be copied" : "");
}

static void text_option(struct sink *s, const struct pcapng_block *b, const struct pcapng_option *o,
			bool first)
{
	const char *name = option_name(b->type, o->code);

	sink_str(s, first ? "  " : ", ");
	sink_str(s, name ? name : "option ");
	if (!name)
		sink_u64(s, o->code);
	else if (is_custom(o->code))
		sink_printf(s, " %u (PEN %u)", o->code, o->pen);
}

static void text_damage(struct blocks *v, uint64_t offset, const char *why)
{
	put_padded(&v->sink, offset, OFFSET_COLUMNS);
	sink_str(&v->sink, "  damaged: ");
	text_escaped(&v->sink, why, strlen(why));
	sink_char(&v->sink, '\n');
}

/* ---- JSON ---- */

static void json_head(struct sink *s, const char *file, const struct pcapng_block *b)
{
	uint32_t pen;

	json_open(s, '{');
	json_str(s, "file", file);
	json_u64(s, "offset", b->offset);
	json_str(s, "block", block_name(b->type));
	json_hex(s, "type", b->type);
	json_u64(s, "length", b->length);
	json_u64(s, "section", b->section);
	json_str(s, "byte_order", byte_order(b));
	if (b->interface != UINT32_MAX)
		json_u64(s, "interface", b->interface);
	else
		json_null(s, "interface");
	if (custom_pen(b, &pen))
		json_u64(s, "pen", pen);
	else
		json_null(s, "pen");
	json_key(s, "options");
	json_open(s, '[');
}

static void json_option(struct sink *s, const struct pcapng_block *b, const struct pcapng_option *o)
{
	json_open(s, '{');
	json_str(s, "name", option_name(b->type, o->code));
	json_u64(s, "code", o->code);
	json_u64(s, "length", o->len + (is_custom(o->code) ? sizeof(o->pen) : 0));
	if (is_custom(o->code))
		json_u64(s, "pen", o->pen);
	else
		json_null(s, "pen");
	json_close(s, '}');
}

static void json_damage(struct blocks *v, uint64_t offset, const char *why)
{
	json_open(&v->sink, '{');
	json_str(&v->sink, "file", v->file);
	json_u64(&v->sink, "offset", offset);
	json_str(&v->sink, "damaged", why);
	json_close(&v->sink, '}');
	sink_char(&v->sink, '\n');
}

/* ---- files ---- */

static void damage(struct blocks *v, uint64_t offset, const char *why)
{
	if (v->options->json)
		json_damage(v, offset, why);
	else
		text_damage(v, offset, why);
	if (v->status == PIPE_DONE)
		v->status = PIPE_INCOMPLETE;
}

/* Its line. False when its options are damaged, which is told. */
static bool show_block(struct blocks *v, const struct pcapng_block *b)
{
	struct cursor c = b->options;
	struct sink *s = &v->sink;
	struct pcapng_option o;
	uint64_t at = offset_of(b, &c);
	bool first = true;
	int got;

	if (v->options->json)
		json_head(s, v->file, b);
	else
		text_head(s, b);
	while ((got = pcapng_option_next(&c, &o)) == 1) {
		if (v->options->json)
			json_option(s, b, &o);
		else
			text_option(s, b, &o, first);
		first = false;
		at = offset_of(b, &c);
	}
	sink_str(s, v->options->json ? "]}\n" : "\n");
	if (got)
		damage(v, at,
		       b->options.bad
			       ? "a record of names is cut"
			       : "an option is longer than what is left of its block, or too short for its number");
	return !got;
}

static void show_blocks(struct blocks *v, struct pcapng_reader *r)
{
	struct pcapng_block b;
	int got;

	while ((got = pcapng_reader_next(r, &b)) == 1) {
		if (v->these && source_is_hit(&b) && !bits_has(v->these, v->hits++))
			continue;
		if (!show_block(v, &b) || sink_error(&v->sink))
			return;
	}
	if (!got)
		return;
	if (got == -EBADMSG && !pcapng_reader_not_pcapng(r)) {
		damage(v, pcapng_reader_offset(r), pcapng_reader_why(r));
		return;
	}
	log_error("%s", pcapng_reader_error(r));
	v->status = PIPE_FAILED;
}

static void show_file(struct blocks *v, size_t i)
{
	const char *name = v->options->files[i];
	bool standard = !strcmp(name, "-");
	int fd = standard ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
	struct pcapng_reader *r;

	v->file = standard ? "standard input" : name;
	v->these = v->kept ? &v->kept[i] : NULL;
	v->hits = 0;
	if (fd < 0) {
		log_error("%s: %s", name, strerror(errno));
		v->status = PIPE_FAILED;
		return;
	}
	if (v->options->n_files > 1 && !v->options->json) {
		text_escaped(&v->sink, v->file, strlen(v->file));
		sink_str(&v->sink, ":\n");
	}
	if (pcapng_reader_create(fd, v->file, &r)) {
		log_error("%s: out of memory", v->file);
		v->status = PIPE_FAILED;
	} else {
		show_blocks(v, r);
		pcapng_reader_destroy(r);
	}
	if (!standard)
		close(fd);
}

static int show_files(struct blocks *v)
{
	int err;

	signal(SIGPIPE, SIG_IGN);
	if (sink_init(&v->sink, STDOUT_FILENO, false)) {
		log_error("out of memory");
		return PIPE_FAILED;
	}
	for (size_t i = 0; i < v->options->n_files && !sink_error(&v->sink); i++)
		show_file(v, i);
	sink_flush(&v->sink);
	err = sink_error(&v->sink);
	sink_deinit(&v->sink);
	if (err == -EPIPE) /* who read it has seen enough */
		return PIPE_DONE;
	if (err)
		log_error("cannot write standard output: %s", strerror(-err));
	return err ? PIPE_FAILED : v->status;
}

/* ---- with a filter ---- */

static int keep(void *ctx, const struct hit *h)
{
	struct blocks *v = ctx;

	if (bits_reserve(&v->kept[h->file], h->nth))
		return -ENOMEM;
	bits_add(&v->kept[h->file], h->nth);
	return 0;
}

/* Fills in kept. */
static int choose(struct blocks *v, struct spool *spool)
{
	const struct report_options *o = v->options;
	struct replay r = {.names = o->files, .n = o->n_files, .hit = keep, .ctx = v};
	struct selection *selection;
	int err = twice_decide(o, spool, &selection);

	if (err)
		return err;
	r.selection = selection;
	err = replay_run(&r);
	if (err == -ENOMEM)
		log_error("out of memory");
	selection_destroy(selection);
	spool_rewind(spool);
	return err;
}

static int filtered(struct blocks *v)
{
	const struct report_options *o = v->options;
	int status = PIPE_FAILED;
	struct spool *spool;

	if (!twice_files(o)) {
		log_error("the view blocks with a filter reads its input more than once: not what "
			  "comes through a pipe; use a file");
		return PIPE_USAGE;
	}
	if (spool_create(o->files, o->n_files, &spool))
		return PIPE_FAILED;
	v->kept = calloc(o->n_files, sizeof(*v->kept));
	if (!v->kept)
		log_error("out of memory");
	else if (!choose(v, spool))
		status = show_files(v);
	filter_complain(o->filter);
	for (size_t i = 0; v->kept && i < o->n_files; i++)
		bits_deinit(&v->kept[i]);
	free(v->kept);
	spool_destroy(spool);
	return status;
}

static int blocks_run(const struct report_options *o)
{
	struct blocks v = {.options = o, .status = PIPE_DONE};

	return o->filter ? filtered(&v) : show_files(&v);
}

const struct view_ops view_blocks = {.name = "blocks", .no_csv = true, .run = blocks_run};
