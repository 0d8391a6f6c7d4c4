// SPDX-License-Identifier: GPL-2.0-only
#include "report/read/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/event_codec.h"
#include "common/log.h"
#include "common/pcapng_reader.h"
#include "report/read/payload.h"

/*
 * Our payloads are known by their magic, under any PEN. A hit names its function itself, by
 * address; the interface it stands on only tells whether a tool has mixed interfaces up, and saves
 * a look-up when none has.
 */

struct source {
	struct captures *captures;
	struct hit_pool *pool;
	struct source_wait wait;
	struct source_tap tap; /* note NULL: none */
	struct source_counts counts;

	struct pcapng_reader *reader;
	const char *name;
	bool has_pwru;
	struct source_file file;
	/* The functions of the current section's interfaces. */
	struct interface {
		struct func *func; /* NULL: none is told */
		uint32_t tag;
		bool other; /* pwru-other: hits of any function belong here */
	} * interfaces;
	size_t n_interfaces;
	size_t interfaces_cap;
};

int source_create(struct captures *captures, struct hit_pool *pool, const struct source_wait *wait,
		  struct source **ret)
{
	struct source *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->captures = captures;
	s->pool = pool;
	if (wait)
		s->wait = *wait;
	*ret = s;
	return 0;
}

void source_tap(struct source *s, const struct source_tap *tap)
{
	s->tap = *tap;
}

void source_destroy(struct source *s)
{
	if (!s)
		return;
	source_close(s);
	free(s->interfaces);
	free(s);
}

int source_open(struct source *s, int fd, const char *name)
{
	int err;

	source_close(s);
	s->name = name;
	s->has_pwru = false;
	s->file = (struct source_file){0};
	s->counts.files++;
	err = pcapng_reader_create(fd, name, &s->reader);
	if (!err && s->wait.await)
		pcapng_reader_await(s->reader, s->wait.await, s->wait.ctx);
	return err;
}

void source_close(struct source *s)
{
	pcapng_reader_destroy(s->reader);
	s->reader = NULL;
	s->n_interfaces = 0;
}

const char *source_error(const struct source *s)
{
	return s->reader ? pcapng_reader_error(s->reader) : "";
}

bool source_not_pcapng(const struct source *s)
{
	return s->reader && pcapng_reader_not_pcapng(s->reader);
}

bool source_has_pwru(const struct source *s)
{
	return s->has_pwru;
}

const struct source_counts *source_counts(const struct source *s)
{
	return &s->counts;
}

const struct source_file *source_file(const struct source *s)
{
	return &s->file;
}

void source_counts_add(struct source_counts *to, const struct source_counts *from)
{
	to->files += from->files;
	to->bytes += from->bytes;
	to->bytes_events += from->bytes_events;
	to->bytes_snapshot += from->bytes_snapshot;
	to->bytes_funcs += from->bytes_funcs;
	to->bytes_stats += from->bytes_stats;
	to->bytes_notes += from->bytes_notes;
	to->hits += from->hits;
	to->notes += from->notes;
	to->foreign += from->foreign;
	to->repaired += from->repaired;
	to->unknown += from->unknown;
	to->damaged += from->damaged;
	to->snapshots_damaged += from->snapshots_damaged;
}

/* The capture of a tag, which this file is then known to hold. */
static struct capture *capture_of(struct source *s, uint32_t tag)
{
	struct capture *c = captures_get(s->captures, tag);
	struct source_file *f = &s->file;

	if (!c || (f->n_captures && f->captures[0] == c))
		return c;
	for (unsigned int i = 1; i < f->n_captures; i++)
		if (f->captures[i] == c)
			return c;
	if (f->n_captures < SOURCE_FILE_CAPTURES)
		f->captures[f->n_captures++] = c;
	return c;
}

static int next_block(struct source *s, struct pcapng_block *b)
{
	int got;

	if (s->wait.begin)
		s->wait.begin(s->wait.ctx);
	got = pcapng_reader_next(s->reader, b);
	if (s->wait.end)
		s->wait.end(s->wait.ctx);
	return got;
}

/* A payload that cannot be decoded: said once, counted. */
static int damaged(struct source *s, const struct pcapng_block *b, const char *what)
{
	if (!s->counts.damaged++)
		log_warn("%s: offset %llu: damaged %s", s->name, (unsigned long long)b->offset,
			 what);
	return 0;
}

/* A payload of a capture that cannot be had: of one too many, or for want of memory. */
static int no_capture(struct source *s, const struct pcapng_block *b)
{
	if (!captures_full(s->captures))
		return -ENOMEM;
	if (!s->counts.damaged++)
		log_warn("%s: offset %llu: more than the limit of %u captures: what belongs to "
			 "others is left out",
			 s->name, (unsigned long long)b->offset, CAPTURES_MAX);
	return 0;
}

static int take_info(struct source *s, const struct pcapng_block *b, const struct pcapng_option *o)
{
	struct event_info info;
	struct capture *c;

	if (event_info_decode(o->value, o->len, &info))
		return damaged(s, b, "INFO");
	c = capture_of(s, info.tag);
	if (!s->file.has_part) {
		s->file.has_part = true;
		s->file.part = info.file_number;
	}
	return c ? capture_add_info(c, &info) : no_capture(s, b);
}

static int take_meta(struct source *s, const struct pcapng_block *b, const struct pcapng_option *o)
{
	struct event_meta meta;
	struct capture *c;
	int err;

	if (event_meta_decode(o->value, o->len, &meta))
		return damaged(s, b, "META");
	c = capture_of(s, meta.tag);
	if (!c)
		return no_capture(s, b);
	err = capture_add_meta(c, &meta);
	if (err != -EBADMSG && err != -E2BIG && err != -EFBIG)
		return err;
	if (!s->counts.snapshots_damaged++)
		log_warn("%s: offset %llu: the snapshot %s: names may be missing", s->name,
			 (unsigned long long)b->offset, snapshot_why(err));
	return 0;
}

static int take_func(struct source *s, const struct pcapng_block *b, const struct pcapng_option *o,
		     struct interface *i)
{
	struct event_func f;
	struct capture *c;
	int err;

	if (event_func_decode(o->value, o->len, &f))
		return damaged(s, b, "FUNC");
	c = capture_of(s, f.tag);
	if (!c)
		return no_capture(s, b);
	err = capture_add_func(c, &f);
	if (err)
		return err;
	i->tag = f.tag;
	i->other = !f.addr;
	i->func = f.addr ? capture_func(c, f.addr) : NULL;
	return 0;
}

static int take_note(struct source *s, const struct pcapng_block *b, const struct pcapng_option *o)
{
	struct event_note note;
	struct capture *c;

	if (event_note_decode(o->value, o->len, &note))
		return damaged(s, b, "NOTE");
	c = capture_of(s, note.tag);
	if (!c)
		return no_capture(s, b);
	s->counts.notes++;
	s->counts.bytes_notes += b->length;
	if (s->tap.note)
		s->tap.note(s->tap.ctx, b, &note);
	return capture_add_note(c, &note);
}

/* The INFO of a section header. */
static int take_section(struct source *s, const struct pcapng_block *b)
{
	struct cursor options = b->options;
	struct pcapng_option o;
	int kind, err = 0;

	s->n_interfaces = 0;
	while (!err && (kind = payload_next(&options, &o))) {
		s->has_pwru = true;
		if (kind == PAYLOAD_INFO)
			err = take_info(s, b, &o);
	}
	return err;
}

static int take_interface(struct source *s, const struct pcapng_block *b)
{
	struct interface *grown, *i;
	struct cursor options = b->options;
	size_t cap = s->interfaces_cap ? 2 * s->interfaces_cap : 1024;
	bool meta = false, func = false;
	struct pcapng_option o;
	int kind, err = 0;

	if (s->n_interfaces == s->interfaces_cap) {
		grown = realloc(s->interfaces, cap * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		s->interfaces = grown;
		s->interfaces_cap = cap;
	}
	i = &s->interfaces[s->n_interfaces++];
	memset(i, 0, sizeof(*i));
	while (!err && (kind = payload_next(&options, &o))) {
		s->has_pwru = true;
		meta |= kind == PAYLOAD_META;
		func |= kind == PAYLOAD_FUNC;
		if (kind == PAYLOAD_META)
			err = take_meta(s, b, &o);
		else if (kind == PAYLOAD_FUNC)
			err = take_func(s, b, &o, i);
	}
	s->counts.bytes_snapshot += meta ? b->length : 0;
	s->counts.bytes_funcs += func && !meta ? b->length : 0;
	return err;
}

/* The function of e, by its address; a wrong interface is counted. */
static struct func *resolve(struct source *s, const struct pcapng_block *b, const struct event *e,
			    struct capture *c)
{
	const struct interface *i =
		b->interface < s->n_interfaces ? &s->interfaces[b->interface] : NULL;
	struct func *f;

	if (i && i->func && i->func->addr == e->addr && i->tag == e->tag)
		return i->func;
	if (!i || !i->other || i->tag != e->tag)
		s->counts.repaired++;
	f = capture_func(c, e->addr);
	if (f && !f->known)
		s->counts.unknown++;
	return f;
}

/* Places the capture's monotonic clock on the wall clock, by its first hit. */
static int64_t wall_clock(struct capture *c, const struct pcapng_block *b, const struct event *e)
{
	int64_t when;

	if (!c->has_clock) {
		c->clock = b->has_time ? (int64_t)((uint64_t)b->time_ns - e->ktime) : 0;
		c->has_clock = true;
		c->first = c->last = (int64_t)((uint64_t)c->clock + e->ktime);
	}
	when = (int64_t)((uint64_t)c->clock + e->ktime);
	if (when < c->first)
		c->first = when;
	if (when > c->last)
		c->last = when;
	return when;
}

static int take_event(struct source *s, const struct pcapng_block *b, const struct pcapng_option *o,
		      struct hit **ret)
{
	struct event e;
	struct capture *c;
	struct func *f;
	struct hit *h;
	uint64_t nth;

	if (event_decode(o->value, o->len, &e))
		return damaged(s, b, "EVENT");
	nth = s->file.events++;
	c = capture_of(s, e.tag);
	if (!c)
		return no_capture(s, b);
	f = resolve(s, b, &e, c);
	if (!f)
		return -ENOMEM;
	if (s->tap.note && b->length <= PCAPNG_MAX_WRITE_BLOCK)
		h = hit_new_whole(s->pool, &e, b->data, b->caplen, &b->options);
	else
		h = hit_new(s->pool, &e, b->data, b->caplen);
	if (!h)
		return -ENOMEM;
	h->capture = c;
	h->func = f;
	h->origlen = b->origlen;
	h->nth = nth;
	h->when = wall_clock(c, b, &e);
	if (!s->file.hits++ || h->when < s->file.first)
		s->file.first = h->when;
	if (s->file.hits == 1 || h->when > s->file.last)
		s->file.last = h->when;
	f->hits++;
	c->hits++;
	c->unidentified += !e.packet;
	c->inferred += !!(e.flags & EVENT_INFERRED);
	s->counts.hits++;
	s->counts.bytes_events += b->length;
	*ret = h;
	return 1;
}

/* The kind of the payload that tells what a packet is, EVENT or NOTE; else of any; 0: none. */
static int packet_payload(const struct pcapng_block *b, struct pcapng_option *o)
{
	struct cursor options = b->options;
	int kind, any = 0;

	while ((kind = payload_next(&options, o))) {
		if (kind == PAYLOAD_EVENT || kind == PAYLOAD_NOTE)
			return kind;
		any = kind;
	}
	return any;
}

bool source_is_hit(const struct pcapng_block *b)
{
	struct pcapng_option o;
	struct event e;

	return b->type == PCAPNG_EPB && packet_payload(b, &o) == PAYLOAD_EVENT &&
	       !event_decode(o.value, o.len, &e);
}

/* 1 a hit; 0 something else; -ENOMEM. */
static int take_packet(struct source *s, const struct pcapng_block *b, struct hit **ret)
{
	struct pcapng_option o;
	int kind = packet_payload(b, &o);

	s->has_pwru |= kind != 0;
	if (kind == PAYLOAD_EVENT)
		return take_event(s, b, &o, ret);
	if (kind == PAYLOAD_NOTE)
		return take_note(s, b, &o);
	s->counts.foreign++;
	return 0;
}

static int take_block(struct source *s, const struct pcapng_block *b, struct hit **ret)
{
	switch (b->type) {
	case PCAPNG_EPB:
		return take_packet(s, b, ret);
	case PCAPNG_SHB:
		return take_section(s, b);
	case PCAPNG_IDB:
		return take_interface(s, b);
	case PCAPNG_OPB:
	case PCAPNG_SPB:
		s->counts.foreign++;
		return 0;
	case PCAPNG_ISB:
		s->counts.bytes_stats += b->length;
		return 0;
	default:
		return 0;
	}
}

int source_next(struct source *s, struct hit **ret)
{
	struct pcapng_block b;
	int got;

	while ((got = next_block(s, &b)) == 1) {
		s->counts.bytes += b.length;
		s->file.bytes += b.length;
		got = take_block(s, &b, ret);
		if (got)
			return got;
	}
	return got;
}
