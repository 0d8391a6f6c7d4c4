/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_SINK_H
#define REPORT_SINK_H

/*
 * Results on their way to a file descriptor, through one large buffer. Views append by hand, field
 * by field, as printf would be most of the time of a line. A write error is kept, later output is
 * thrown away, and who runs the pipe asks sink_error().
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SINK_SIZE	 (256u << 10)
#define SINK_MAX_RESERVE 4096u

/* How times of day are printed in text: as text_time() says. */
enum times { TIMES_ABSOLUTE, TIMES_RELATIVE, TIMES_ISO };

struct sink {
	int fd;
	int err;
	size_t len;
	char *data;
	bool colour;
	int width;    /* columns, for what is drawn to a width */
	char flushed; /* the last byte flushed */
	enum times times;
	bool utc;     /* times are, and not in this machine's zone */
	int64_t base; /* what TIMES_RELATIVE counts from, ns since 1970; the pipe sets it */
	bool has_base;
	void (*flushing)(void *ctx); /* NULL, or called before something is written */
	void *flushing_ctx;
	/* The second last printed, and how: most times are of the same one. */
	int64_t second;
	int second_as; /* 0 none */
	char second_text[24];
	char second_zone[8]; /* "+01:00" */
};

int sink_init(struct sink *s, int fd, bool colour); /* -ENOMEM */
void sink_deinit(struct sink *s);		    /* does not flush */
void sink_flush(struct sink *s);
static inline int sink_error(const struct sink *s)
{
	return s->err; /* -EPIPE, -ENOSPC, … */
}

/* Where the next bytes go: at least n (up to SINK_MAX_RESERVE), to be followed by sink_commit(). */
static inline char *sink_reserve(struct sink *s, size_t n)
{
	if (SINK_SIZE - s->len < n)
		sink_flush(s);
	return s->data + s->len;
}

static inline void sink_commit(struct sink *s, const char *end)
{
	s->len = (size_t)(end - s->data);
}

static inline void sink_char(struct sink *s, char c)
{
	*sink_reserve(s, 1) = c;
	s->len++;
}

/* The byte appended last; a newline before the first. */
static inline char sink_last(const struct sink *s)
{
	return s->len ? s->data[s->len - 1] : s->flushed;
}

void sink_mem_long(struct sink *s, const void *p, size_t n);

/* Any length. */
static inline void sink_mem(struct sink *s, const void *p, size_t n)
{
	if (n > SINK_MAX_RESERVE) {
		sink_mem_long(s, p, n);
		return;
	}
	memcpy(sink_reserve(s, n), p, n);
	s->len += n;
}

static inline void sink_str(struct sink *s, const char *text)
{
	sink_mem(s, text, strlen(text));
}

/* n times c, if n is above 0; at most SINK_MAX_RESERVE. */
void sink_fill(struct sink *s, char c, int n);
void sink_u64(struct sink *s, uint64_t v);
void sink_hex(struct sink *s, uint64_t v, int digits); /* at least digits, without 0x */
void sink_printf(struct sink *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Writes the decimal digits of v at to; the end. At most 20. */
char *sink_put_u64(char *to, uint64_t v);
/* Writes v in hexadecimal, at least digits of it; the end. At most 16. */
char *sink_put_hex(char *to, uint64_t v, int digits);

#endif
