// SPDX-License-Identifier: GPL-2.0-only
/*
 * Blocks in the order of FORMAT.md. Interfaces are numbered: the meta interfaces, one for each
 * attached target, "pwru-other".
 */
#include "record/capture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/utsname.h>

#include "common/event_codec.h"
#include "common/log.h"
#include "common/pcapng.h"
#include "common/pcapng_writer.h"
#include "common/snapshot_codec.h"
#include "common/version.h"
#include "record/comment.h"
#include "record/convert.h"
#include "record/kallsyms.h"
#include "record/netns.h"

#define GATHER	      (1u << 20)
#define PIECES_AN_IDB 4
#define REASONS	      512 /* of the core; subsystems' are numbers in the comment */
#define NETNS_KEPT    256

struct capture {
	struct capture_spec spec;
	struct output *out;
	struct buf buf;
	int err;
	uint8_t uuid[16];
	uint32_t tag;
	uint32_t meta;	       /* meta interfaces */
	uint32_t *interface;   /* of each target */
	uint32_t interfaces;   /* in all */
	uint64_t *hits;	       /* by interface */
	uint32_t *cpu_lost;    /* highest lost count in a hit of each CPU */
	uint64_t clock_offset; /* REALTIME at start minus MONOTONIC */
	uint64_t last_ns;
	uint64_t recorded;
	uint64_t packets;
	struct capture_counters noted;
	const char *reasons[REASONS];
	uint32_t netns[NETNS_KEPT]; /* seen and known, or asked after already */
	size_t netns_count;
	uint32_t netns_new[NETNS_KEPT];
	size_t netns_new_count;
};

static void block_end(struct capture *c, size_t at)
{
	int err = pcapng_block_end(&c->buf, at);

	if (err && !c->err)
		c->err = err;
}

/* A random (version 4, variant 1) uuid, RFC 4122 section 4.4. */
static int make_uuid(struct capture *c)
{
	if (getrandom(c->uuid, sizeof(c->uuid), 0) != sizeof(c->uuid))
		return -EIO;
	c->uuid[6] = (c->uuid[6] & 0x0f) | 0x40;
	c->uuid[8] = (c->uuid[8] & 0x3f) | 0x80;
	c->tag = event_tag(c->uuid);
	return 0;
}

static void head_section(struct capture *c)
{
	size_t at = pcapng_shb_begin(&c->buf), inner;
	struct event_info info = {.tag = c->tag};
	struct utsname u;
	struct buf os = {};

	uname(&u);
	buf_printf(&os, "%s %s", u.sysname, u.release);
	buf_u8(&os, 0);
	pcapng_option_str(&c->buf, PCAPNG_SHB_HARDWARE, u.machine);
	if (!os.failed)
		pcapng_option_str(&c->buf, PCAPNG_SHB_OS, (const char *)os.data);
	buf_deinit(&os);
	pcapng_option_str(&c->buf, PCAPNG_SHB_USERAPPL, "pwru-record " PWRU_VERSION);
	pcapng_option_str(
		&c->buf, PCAPNG_OPT_COMMENT,
		"One packet here is one kernel function that a packet passed: the interface is the function. "
		"Filter with frame.interface_name == \"ip_rcv\" or frame.packet_id == 5; "
		"pwru-report shows each packet's path.");
	memcpy(info.uuid, c->uuid, sizeof(info.uuid));
	inner = pcapng_custom_begin(&c->buf);
	event_info_encode(&c->buf, &info);
	pcapng_custom_end(&c->buf, inner);
	block_end(c, at);
}

static void head_meta(struct capture *c, const struct buf *z, uint32_t raw_len)
{
	uint32_t count = (uint32_t)((z->len + SNAPSHOT_MAX_PIECE - 1) / SNAPSHOT_MAX_PIECE),
		 piece = 0;

	c->meta = (count + PIECES_AN_IDB - 1) / PIECES_AN_IDB;
	for (uint32_t i = 0; i < c->meta; i++) {
		size_t at = pcapng_idb_begin(&c->buf), inner;
		char name[32], description[40];

		snprintf(name, sizeof(name), "pwru-meta-%u", i);
		pcapng_option_str(&c->buf, PCAPNG_IF_NAME, name);
		/* mergecap takes interfaces that differ in nothing it knows for one, and drops the
		 * second's options. */
		snprintf(description, sizeof(description), "snapshot of capture %08x", c->tag);
		pcapng_option_str(&c->buf, PCAPNG_IF_DESCRIPTION, description);
		for (int k = 0; k < PIECES_AN_IDB && piece < count; k++, piece++) {
			size_t from = (size_t)piece * SNAPSHOT_MAX_PIECE, left = z->len - from;
			struct event_meta m = {.tag = c->tag,
					       .index = piece,
					       .count = count,
					       .raw_len = raw_len,
					       .data = z->data + from,
					       .data_len = left < SNAPSHOT_MAX_PIECE
								   ? (uint32_t)left
								   : SNAPSHOT_MAX_PIECE};

			inner = pcapng_custom_begin(&c->buf);
			event_meta_encode(&c->buf, &m);
			pcapng_custom_end(&c->buf, inner);
		}
		block_end(c, at);
	}
}

static void head_interface(struct capture *c, const char *name, const struct event_func *f)
{
	size_t at = pcapng_idb_begin(&c->buf), inner;
	char description[256];

	snprintf(description, sizeof(description), "%s %s [%s]", func_how_name(f->how), name,
		 f->module[0] ? f->module : "vmlinux");
	pcapng_option_str(&c->buf, PCAPNG_IF_NAME, name);
	pcapng_option_str(&c->buf, PCAPNG_IF_DESCRIPTION, description);
	inner = pcapng_custom_begin(&c->buf);
	event_func_encode(&c->buf, f);
	pcapng_custom_end(&c->buf, inner);
	block_end(c, at);
}

/* Tracepoints have no text address of their own: an ordinal above 0 serves. */
static uint64_t key_of(const struct capture *c, size_t target)
{
	const struct target *t = &c->spec.targets->all[target];

	return t->addr ? t->addr : target + 1;
}

static void head_functions(struct capture *c)
{
	struct event_func other = {.tag = c->tag, .how = c->spec.how, .name = "pwru-other"};

	c->interfaces = c->meta;
	for (size_t i = 0; i < c->spec.targets->count; i++) {
		const struct target *t = &c->spec.targets->all[i];
		struct event_func f = {.tag = c->tag,
				       .addr = key_of(c, i),
				       .how = c->spec.how,
				       .arg = t->skb_arg,
				       .roles = t->roles,
				       .flags = (t->addr ? 0 : FUNC_FLAG_ORDINAL) |
						(t->lifecycle || t->skb_arg == FUNC_ARG_RETURN
							 ? FUNC_FLAG_LIFECYCLE
							 : 0)};

		if (t->status != TARGET_ATTACHED)
			continue;
		snprintf(f.name, sizeof(f.name), "%s", t->name);
		snprintf(f.module, sizeof(f.module), "%s", t->module);
		head_interface(c, t->name, &f);
		c->interface[i] = c->interfaces++;
	}
	for (size_t i = 0; i < c->spec.targets->count; i++)
		if (!c->interface[i])
			c->interface[i] = c->interfaces;
	head_interface(c, other.name, &other);
	c->interfaces++;
}

static int head(struct capture *c)
{
	struct buf raw = {}, z = {};
	int err = snapshot_collect(c->spec.snapshot, &raw);

	if (!err)
		err = snapshot_compress(&raw, &z);
	if (!err) {
		head_section(c);
		head_meta(c, &z, (uint32_t)raw.len);
		head_functions(c);
		err = c->err;
	}
	buf_deinit(&raw);
	buf_deinit(&z);
	return err;
}

int capture_create(const struct capture_spec *spec, struct output *out, struct capture **ret)
{
	const struct snapshot_clocks *clocks = &spec->snapshot->clocks;
	struct capture *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	c->spec = *spec;
	c->out = out;
	c->clock_offset = clocks->realtime - clocks->monotonic;
	c->last_ns = clocks->realtime;
	c->interface = calloc(spec->targets->count + 1, sizeof(*c->interface));
	c->cpu_lost = calloc(spec->cpus, sizeof(*c->cpu_lost));
	snapshot_reasons(spec->snapshot->btf, c->reasons, REASONS);
	err = c->interface && c->cpu_lost ? make_uuid(c) : -ENOMEM;
	if (!err)
		err = head(c);
	c->spec.snapshot = NULL; /* was only needed for the head */
	if (!err) {
		c->hits = calloc(c->interfaces, sizeof(*c->hits));
		err = c->hits ? capture_flush(c, true) : -ENOMEM;
	}
	if (err) {
		capture_destroy(c);
		return err;
	}
	*ret = c;
	return 0;
}

void capture_destroy(struct capture *c)
{
	if (!c)
		return;
	buf_deinit(&c->buf);
	free(c->interface);
	free(c->hits);
	free(c->cpu_lost);
	free(c);
}

static void put_comment(struct capture *c, const struct event *e, const char *func)
{
	struct comment_facts f = {.event = e, .func = func};
	const struct kallsym *s = NULL;
	char text[COMMENT_MAX];
	size_t n;

	if (c->spec.comment == COMMENT_NONE)
		return;
	if (e->flags & EVENT_REASON) {
		f.reason = e->reason < REASONS ? c->reasons[e->reason] : NULL;
		if (c->spec.kallsyms)
			s = kallsyms_by_addr(c->spec.kallsyms, e->caller);
		f.place = s ? s->name : NULL;
		f.place_offset = s ? e->caller - s->addr : 0;
	}
	n = comment_format(c->spec.comment, &f, text);
	pcapng_option(&c->buf, PCAPNG_OPT_COMMENT, text, n);
}

static void note_netns(struct capture *c, uint32_t inode)
{
	for (size_t i = 0; i < c->netns_count; i++)
		if (c->netns[i] == inode)
			return;
	if (!inode || c->netns_count == NETNS_KEPT)
		return;
	c->netns[c->netns_count++] = inode;
	c->netns_new[c->netns_new_count++] = inode;
}

void capture_hit(struct capture *c, const struct pwru_event *raw, size_t size)
{
	struct convert_frame frame;
	struct event e;
	uint64_t ns;
	size_t at, inner;

	if (c->err || capture_full(c))
		return;
	if (size < sizeof(*raw) || raw->func >= c->spec.targets->count ||
	    raw->cpu >= c->spec.cpus ||
	    convert(raw, size, key_of(c, raw->func), c->spec.inferred, &e, &frame)) {
		c->err = -EBADMSG;
		log_error(
			"the kernel's program delivered a record that makes no sense; this is a bug");
		return;
	}
	e.tag = c->tag;
	ns = e.ktime + c->clock_offset;
	at = pcapng_epb_begin(&c->buf, c->interface[raw->func], ns, frame.data, frame.caplen,
			      frame.origlen);
	put_comment(c, &e, c->spec.targets->all[raw->func].name);
	pcapng_option_u64(&c->buf, PCAPNG_EPB_PACKETID, e.packet);
	/* Hits of a CPU do not always come in the order in which they were counted. */
	if (e.lost > c->cpu_lost[e.cpu]) {
		pcapng_option_u64(&c->buf, PCAPNG_EPB_DROPCOUNT, e.lost - c->cpu_lost[e.cpu]);
		c->cpu_lost[e.cpu] = e.lost;
	}
	inner = pcapng_custom_begin(&c->buf);
	event_encode(&c->buf, &e);
	pcapng_custom_end(&c->buf, inner);
	block_end(c, at);
	c->hits[c->interface[raw->func]]++;
	c->recorded++;
	c->packets += !!(e.flags & EVENT_BEGIN);
	c->last_ns = ns > c->last_ns ? ns : c->last_ns;
	note_netns(c, e.netns);
	capture_flush(c, false);
}

int capture_flush(struct capture *c, bool now)
{
	if (!c->err && c->buf.len && (now || c->buf.len >= GATHER))
		c->err = output_write(c->out, &c->buf);
	return c->err;
}

static void put_note(struct capture *c, uint32_t interface, enum note_type type,
		     const char *comment, struct buf *body)
{
	static const uint8_t frame[14] = {[12] = EVENT_ETHERTYPE_NONE >> 8,
					  EVENT_ETHERTYPE_NONE & 0xff};
	struct snapshot_clocks now;
	struct event_note n = {.tag = c->tag, .type = type};
	size_t at, inner;

	snapshot_clocks_read(&now);
	n.ktime = now.monotonic;
	n.body = (const char *)body->data;
	n.body_len = (uint32_t)body->len;
	if (buf_error(body)) {
		c->err = c->err ? c->err : -ENOMEM;
	} else if (!c->err) {
		at = pcapng_epb_begin(&c->buf, interface, now.monotonic + c->clock_offset, frame,
				      sizeof(frame), sizeof(frame));
		pcapng_option_str(&c->buf, PCAPNG_OPT_COMMENT, comment);
		inner = pcapng_custom_begin(&c->buf);
		event_note_encode(&c->buf, &n);
		pcapng_custom_end(&c->buf, inner);
		block_end(c, at);
		c->hits[interface]++;
	}
	buf_deinit(body);
}

void capture_counters(struct capture *c, const struct capture_counters *n)
{
	struct buf body = {};
	char comment[128];

	if (!memcmp(n, &c->noted, offsetof(struct capture_counters, uncounted)))
		return;
	c->noted = *n;
	counters_print(&body, n);
	snprintf(comment, sizeof(comment), "pwru: %llu hits recorded, %llu lost",
		 (unsigned long long)n->recorded, (unsigned long long)counters_lost(n));
	put_note(c, 0, NOTE_COUNTERS, comment, &body);
}

void capture_module(struct capture *c, const char *name, bool loaded)
{
	struct buf body = {};
	char comment[192];

	buf_printf(&body, "name=%s\nstate=%s\n", name, loaded ? "loaded" : "unloaded");
	snprintf(comment, sizeof(comment), "pwru: module %s was %s%s", name,
		 loaded ? "loaded" : "unloaded", loaded ? ": its functions are not probed" : "");
	put_note(c, c->interfaces - 1, NOTE_MODULE, comment, &body);
}

void capture_late_netns(struct capture *c)
{
	for (size_t i = 0; i < c->netns_new_count; i++) {
		struct buf body = {};
		char name[256], comment[320];

		/* Names in the head are repeated here when the namespace is first used: harmless,
		 * and right after a rename. */
		if (!netns_name(c->netns_new[i], name, sizeof(name)))
			continue;
		buf_printf(&body, "inode=%u\nname=%s\n", c->netns_new[i], name);
		snprintf(comment, sizeof(comment), "pwru: network namespace %u is %s",
			 c->netns_new[i], name);
		put_note(c, 0, NOTE_NETNS, comment, &body);
	}
	c->netns_new_count = 0;
}

int capture_end(struct capture *c, const struct capture_counters *n, const char *why)
{
	struct buf body = {};

	capture_late_netns(c);
	counters_print(&body, n);
	buf_printf(&body, "end=%s\n", why);
	put_note(c, 0, NOTE_CLOSE, "pwru: end of the recording", &body);
	for (uint32_t i = 0; i < c->interfaces; i++) {
		size_t at = pcapng_isb_begin(&c->buf, i, c->last_ns);

		if (i)
			pcapng_option_u64(&c->buf, PCAPNG_ISB_IFRECV, c->hits[i]);
		else
			counters_isb(&c->buf, n);
		block_end(c, at);
	}
	return capture_flush(c, true);
}

uint64_t capture_recorded(const struct capture *c)
{
	return c->recorded;
}

uint64_t capture_packets(const struct capture *c)
{
	return c->packets;
}

bool capture_full(const struct capture *c)
{
	return c->spec.max_events && c->recorded >= c->spec.max_events;
}
