// SPDX-License-Identifier: GPL-2.0-only
/*
 * Blocks in the order of FORMAT.md. Interfaces are numbered: of each capture in turn its meta
 * interfaces, its functions that were hit, and pwru-other.
 */
#include "report/write/capture_writer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/pcapng_writer.h"
#include "common/version.h"
#include "report/write/annotate.h"
#include "report/write/packet_block.h"
#include "report/scrub/scrub.h"
#include "report/scrub/scrub_text.h"

#define GATHER	      (256u << 10)
#define PIECES_AN_IDB 4

/* What is written of one capture. */
struct part {
	struct capture *capture;
	struct scrub *scrub; /* NULL: it is written as it is */
	struct event_info info;
	struct table used; /* by address: functions that were hit; then their interfaces + 1 */
	uint32_t meta;	   /* its first interface */
	uint32_t other;
	struct buf close; /* the block of its closing note */
};

struct capture_writer {
	struct outfile *out;
	struct annotate *annotate; /* NULL: no source lines are added */
	struct part *parts;	   /* by index of the capture */
	size_t n_parts;
	struct table by_tag; /* struct part */
	struct scrub_address *addresses;
	struct hit_pool *pool; /* of scrubbed hits */
	struct buf buf;
	uint64_t *received; /* by interface */
	uint32_t interfaces;
	uint32_t room;
	uint64_t last_ns;
	uint64_t hits;
	uint64_t too_large;
	int err;
};

static int part_init(struct capture_writer *w, struct part *p, struct capture *c,
		     struct scrub_key *key)
{
	int err = table_set(&w->by_tag, c->tag, p);

	p->capture = c;
	p->info = (struct event_info){.tag = c->tag,
				      .file_number = c->first_file,
				      .flags = c->info_flags | INFO_FLAG_EXTRACT};
	memcpy(p->info.uuid, c->uuid, sizeof(c->uuid));
	if (!err && key) {
		err = scrub_create(key, w->addresses, c, &p->scrub);
		if (!err)
			scrub_info(p->scrub, &p->info);
	}
	return err;
}

int capture_writer_create(const struct captures *captures, struct outfile *out,
			  struct scrub_key *key, struct annotate *annotate,
			  struct capture_writer **ret)
{
	struct capture_writer *w = calloc(1, sizeof(*w));
	int err = w ? 0 : -ENOMEM;

	if (w) {
		w->out = out;
		w->annotate = annotate;
		w->parts = calloc(captures->count + 1, sizeof(*w->parts));
		err = w->parts ? 0 : -ENOMEM;
	}
	if (!err && key)
		err = scrub_address_create(key, &w->addresses);
	if (!err && key)
		err = hit_pool_create(&w->pool);
	for (size_t i = 0; !err && i < captures->count; i++, w->n_parts++)
		err = part_init(w, &w->parts[i], captures->all[i], key);
	if (err) {
		capture_writer_destroy(w);
		return err;
	}
	*ret = w;
	return 0;
}

void capture_writer_destroy(struct capture_writer *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->n_parts; i++) {
		scrub_destroy(w->parts[i].scrub);
		table_deinit(&w->parts[i].used, NULL);
		buf_deinit(&w->parts[i].close);
	}
	table_deinit(&w->by_tag, NULL);
	scrub_address_destroy(w->addresses);
	hit_pool_destroy(w->pool);
	buf_deinit(&w->buf);
	free(w->parts);
	free(w->received);
	free(w);
}

static int flush(struct capture_writer *w, bool now)
{
	if (!w->err && w->buf.len && (now || w->buf.len >= GATHER))
		w->err = outfile_write(w->out, &w->buf);
	return w->err;
}

int capture_writer_survey(struct capture_writer *w, const struct hit *h)
{
	struct part *p = table_get(&w->by_tag, h->capture->tag);
	int err = p && p->scrub ? scrub_survey(p->scrub, h) : 0;

	if (err || !p || !h->func->known || table_get(&p->used, h->func->addr))
		return err;
	return table_set(&p->used, h->func->addr, p);
}

/* ---- the head ---- */

static void block_end(struct capture_writer *w, size_t at)
{
	int err = pcapng_block_end(&w->buf, at);

	if (err && !w->err)
		w->err = err;
}

/* The same for all captures, or "". */
static void common_value(const struct capture_writer *w, const char *key, char ret[SCRUB_WORD_MOST])
{
	char value[SCRUB_WORD_MOST], word[SCRUB_WORD_MOST];
	const char *found;

	ret[0] = 0;
	for (size_t i = 0; i < w->n_parts; i++) {
		found = capture_host(w->parts[i].capture, key, value, sizeof(value));
		scrub_text_word(found, strlen(found), word);
		if (i && strcmp(word, ret))
			word[0] = 0;
		memcpy(ret, word, sizeof(word));
	}
}

static void head_section(struct capture_writer *w)
{
	size_t at = pcapng_shb_begin(&w->buf), inner;
	char machine[SCRUB_WORD_MOST], release[SCRUB_WORD_MOST], os[160];

	common_value(w, "machine", machine);
	common_value(w, "release", release);
	snprintf(os, sizeof(os), "Linux %s", release);
	if (machine[0])
		pcapng_option_str(&w->buf, PCAPNG_SHB_HARDWARE, machine);
	if (release[0])
		pcapng_option_str(&w->buf, PCAPNG_SHB_OS, os);
	pcapng_option_str(&w->buf, PCAPNG_SHB_USERAPPL, "pwru-report " PWRU_VERSION);
	pcapng_option_str(
		&w->buf, PCAPNG_OPT_COMMENT,
		"One packet here is one kernel function that a packet passed: the interface is the function. "
		"Filter with frame.interface_name == \"ip_rcv\" or frame.packet_id == 5; "
		"pwru-report shows each packet's path.");
	for (size_t i = 0; i < w->n_parts; i++) {
		if (!w->parts[i].capture->has_info)
			continue;
		inner = pcapng_custom_begin(&w->buf);
		event_info_encode(&w->buf, &w->parts[i].info);
		pcapng_custom_end(&w->buf, inner);
	}
	block_end(w, at);
}

static uint32_t next_interface(struct capture_writer *w)
{
	uint32_t room = w->room ? 2 * w->room : 1024;
	uint64_t *received;

	if (w->interfaces == w->room) {
		received = realloc(w->received, room * sizeof(*received));
		if (!received) {
			w->err = w->err ? w->err : -ENOMEM;
			return 0;
		}
		w->received = received;
		w->room = room;
	}
	w->received[w->interfaces] = 0;
	return w->interfaces++;
}

static void meta_piece(struct capture_writer *w, const struct event_meta *m)
{
	size_t inner = pcapng_custom_begin(&w->buf);

	event_meta_encode(&w->buf, m);
	pcapng_custom_end(&w->buf, inner);
}

/* z: the compressed snapshot; of length 0 there is none, but still an interface for notes. */
static void head_meta(struct capture_writer *w, struct part *p, const struct buf *z, size_t raw_len)
{
	uint32_t count = (uint32_t)((z->len + SNAPSHOT_MAX_PIECE - 1) / SNAPSHOT_MAX_PIECE);
	uint32_t metas = count ? (count + PIECES_AN_IDB - 1) / PIECES_AN_IDB : 1, piece = 0;
	char name[32], description[40];

	for (uint32_t i = 0; i < metas && !w->err; i++) {
		size_t at = pcapng_idb_begin(&w->buf);
		uint32_t interface = next_interface(w);

		if (!i)
			p->meta = interface;
		snprintf(name, sizeof(name), "pwru-meta-%u", i);
		snprintf(description, sizeof(description), "snapshot of capture %08x", p->info.tag);
		pcapng_option_str(&w->buf, PCAPNG_IF_NAME, name);
		pcapng_option_str(&w->buf, PCAPNG_IF_DESCRIPTION, description);
		for (int k = 0; k < PIECES_AN_IDB && piece < count; k++, piece++) {
			size_t from = (size_t)piece * SNAPSHOT_MAX_PIECE, left = z->len - from;
			struct event_meta m = {.tag = p->info.tag,
					       .index = piece,
					       .count = count,
					       .raw_len = (uint32_t)raw_len,
					       .data = z->data + from,
					       .data_len = left < SNAPSHOT_MAX_PIECE
								   ? (uint32_t)left
								   : SNAPSHOT_MAX_PIECE};

			meta_piece(w, &m);
		}
		block_end(w, at);
		flush(w, false);
	}
}

static int head_snapshot(struct capture_writer *w, struct part *p)
{
	const struct capture *c = p->capture;
	struct buf z = {}, raw = {};
	size_t raw_len = c->snapshot ? c->snapshot->raw.len : 0;
	int err = 0;

	if (p->scrub) {
		scrub_snapshot(p->scrub, &raw);
		raw_len = raw.len;
		err = raw_len ? snapshot_compress(&raw, &z) : buf_error(&raw);
	} else if (c->snapshot) {
		snapshot_pieces_join(c->pieces, &z);
		err = buf_error(&z);
	}
	if (err)
		w->err = err;
	else
		head_meta(w, p, &z, raw_len);
	buf_deinit(&z);
	buf_deinit(&raw);
	return w->err;
}

/* line: where it begins in the source; NULL: not told. */
static uint32_t head_interface(struct capture_writer *w, const struct event_func *f,
			       const char *line)
{
	size_t at = pcapng_idb_begin(&w->buf), inner;
	char description[1024];

	snprintf(description, sizeof(description), "%s %s [%s]%s%s", func_how_name(f->how), f->name,
		 f->module[0] ? f->module : "vmlinux", line ? " " : "", line ? line : "");
	pcapng_option_str(&w->buf, PCAPNG_IF_NAME, f->name);
	pcapng_option_str(&w->buf, PCAPNG_IF_DESCRIPTION, description);
	inner = pcapng_custom_begin(&w->buf);
	event_func_encode(&w->buf, f);
	pcapng_custom_end(&w->buf, inner);
	block_end(w, at);
	flush(w, false);
	return next_interface(w);
}

static void func_event(const struct part *p, const struct func *f, struct event_func *ret)
{
	if (p->scrub) {
		scrub_func(p->scrub, f, ret);
		return;
	}
	*ret = (struct event_func){
		.tag = p->info.tag,
		.addr = f->addr,
		.how = f->how,
		.arg = f->arg,
		.roles = f->roles,
		.flags = (f->ordinal ? FUNC_FLAG_ORDINAL : 0) |
			 (f->lifecycle ? FUNC_FLAG_LIFECYCLE : 0),
	};
	snprintf(ret->name, sizeof(ret->name), "%s", f->name);
	snprintf(ret->module, sizeof(ret->module), "%s", f->module);
}

static int head_functions(struct capture_writer *w, struct part *p)
{
	struct event_func e = {.tag = p->info.tag, .name = "pwru-other", .how = FUNC_KPROBE};
	const struct func *first = p->capture->funcs_first;
	uint32_t interface;

	for (const struct func *f = first; f && !w->err; f = f->next) {
		const char *line = NULL;
		struct event_func known;

		if (!table_get(&p->used, f->addr))
			continue;
		func_event(p, f, &known);
		if (w->annotate && !f->ordinal)
			line = annotate_func(w->annotate, p->capture, f->addr);
		interface = head_interface(w, &known, line);
		if (!w->err)
			w->err = table_set(&p->used, f->addr, (void *)((uintptr_t)interface + 1));
	}
	if (first)
		e.how = first->how;
	if (!w->err)
		p->other = head_interface(w, &e, NULL);
	return w->err;
}

int capture_writer_head(struct capture_writer *w)
{
	for (size_t i = 0; i < w->n_parts && !w->err; i++)
		if (w->parts[i].scrub)
			w->err = scrub_settle(w->parts[i].scrub);
	if (w->err)
		return w->err;
	head_section(w);
	for (size_t i = 0; i < w->n_parts && !w->err; i++)
		head_snapshot(w, &w->parts[i]);
	for (size_t i = 0; i < w->n_parts && !w->err; i++)
		head_functions(w, &w->parts[i]);
	return flush(w, true);
}

/* ---- what follows ---- */

static void count(struct capture_writer *w, uint32_t interface, uint64_t ns)
{
	w->received[interface]++;
	if (ns > w->last_ns && ns <= INT64_MAX)
		w->last_ns = ns;
}

int capture_writer_hit(struct capture_writer *w, const struct hit *h)
{
	struct part *p = table_get(&w->by_tag, h->capture->tag);
	uintptr_t known = p ? (uintptr_t)table_get(&p->used, h->event.addr) : 0;
	const char *comment = NULL;
	struct hit *shown = NULL;
	size_t comment_len = 0;
	uint32_t interface;
	int err;

	if (w->err || !p)
		return w->err;
	interface = known ? (uint32_t)(known - 1) : p->other;
	if (p->scrub)
		shown = scrub_hit(p->scrub, w->pool, h);
	else if (w->annotate)
		comment = annotate_hit(w->annotate, p->capture, h, &comment_len);
	err = shown || !p->scrub ? packet_block_hit(&w->buf, interface, shown ? shown : h, comment,
						    comment_len)
				 : -ENOMEM;
	hit_free(w->pool, shown);
	if (err == -EMSGSIZE)
		w->too_large++;
	else if (err)
		w->err = err;
	if (err)
		return w->err;
	w->hits++;
	count(w, interface, (uint64_t)h->when);
	return flush(w, false);
}

/* Where a note stands on the wall clock. */
static uint64_t note_time(const struct part *p, const struct pcapng_block *b,
			  const struct event_note *n)
{
	if (p->capture->has_clock)
		return (uint64_t)p->capture->clock + n->ktime;
	return b->has_time ? (uint64_t)b->time_ns : n->ktime;
}

/* n as it is written; comment NULL: none. */
static int put_note(struct capture_writer *w, struct part *p, uint64_t ns, const char *comment,
		    size_t comment_len, const struct event_note *n)
{
	uint32_t interface = n->type == NOTE_MODULE ? p->other : p->meta;
	struct buf *to = n->type == NOTE_CLOSE ? &p->close : &w->buf;
	int err;

	if (n->type == NOTE_CLOSE) /* of the parts of a recording the last one counts */
		buf_reset(to);
	err = packet_block_note(to, interface, ns, comment, comment_len, n);
	if (err == -EMSGSIZE)
		return 0;
	if (err)
		return w->err = err;
	if (n->type != NOTE_CLOSE)
		count(w, interface, ns);
	return flush(w, false);
}

int capture_writer_note(struct capture_writer *w, const struct pcapng_block *b,
			const struct event_note *n)
{
	struct part *p = table_get(&w->by_tag, n->tag);
	struct event_note shown;
	struct buf body = {};
	uint64_t ns;

	if (w->err || !p)
		return w->err;
	ns = note_time(p, b, n);
	if (!p->scrub)
		return put_note(w, p, ns, b->comment, b->comment_len, n);
	if (scrub_note(p->scrub, n, &body, &shown))
		put_note(w, p, ns, NULL, 0, &shown);
	else if (buf_error(&body))
		w->err = -ENOMEM;
	buf_deinit(&body);
	return w->err;
}

int capture_writer_end(struct capture_writer *w)
{
	for (size_t i = 0; i < w->n_parts && !w->err; i++) {
		const struct buf *close = &w->parts[i].close;

		if (!close->len)
			continue;
		buf_append(&w->buf, close->data, close->len);
		if (buf_error(&w->buf))
			return w->err = -ENOMEM;
		count(w, w->parts[i].meta, 0);
	}
	for (uint32_t i = 0; i < w->interfaces && !w->err; i++) {
		size_t at = pcapng_isb_begin(&w->buf, i, w->last_ns);

		pcapng_option_u64(&w->buf, PCAPNG_ISB_IFRECV, w->received[i]);
		block_end(w, at);
		flush(w, false);
	}
	return flush(w, true);
}

uint64_t capture_writer_hits(const struct capture_writer *w)
{
	return w->hits;
}

uint64_t capture_writer_too_large(const struct capture_writer *w)
{
	return w->too_large;
}
