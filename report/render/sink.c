// SPDX-License-Identifier: GPL-2.0-only
#include "report/render/sink.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int sink_init(struct sink *s, int fd, bool colour)
{
	*s = (struct sink){.fd = fd, .colour = colour, .flushed = '\n', .data = malloc(SINK_SIZE)};
	return s->data ? 0 : -ENOMEM;
}

void sink_deinit(struct sink *s)
{
	free(s->data);
	s->data = NULL;
}

void sink_flush(struct sink *s)
{
	struct pollfd p = {.fd = s->fd, .events = POLLOUT};
	size_t done = 0;
	ssize_t n;

	if (s->flushing && s->len)
		s->flushing(s->flushing_ctx);
	while (!s->err && done < s->len) {
		n = write(s->fd, s->data + done, s->len - done);
		if (n >= 0)
			done += (size_t)n;
		else if (errno == EAGAIN)
			poll(&p, 1, -1); /* a terminal that another program left non-blocking */
		else if (errno != EINTR)
			s->err = -errno;
	}
	s->flushed = sink_last(s);
	s->len = 0;
}

void sink_mem_long(struct sink *s, const void *p, size_t n)
{
	const char *from = p;
	size_t part;

	while (n) {
		part = n < SINK_MAX_RESERVE ? n : SINK_MAX_RESERVE;
		memcpy(sink_reserve(s, part), from, part);
		s->len += part;
		from += part;
		n -= part;
	}
}

void sink_fill(struct sink *s, char c, int n)
{
	if (n <= 0)
		return;
	memset(sink_reserve(s, (size_t)n), c, (size_t)n);
	s->len += (size_t)n;
}

char *sink_put_u64(char *to, uint64_t v)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";
	char digits[20], *at = digits + sizeof(digits);
	size_t n;

	while (v >= 100) {
		at -= 2;
		memcpy(at, pairs + 2 * (v % 100), 2);
		v /= 100;
	}
	if (v >= 10) {
		at -= 2;
		memcpy(at, pairs + 2 * v, 2);
	} else {
		*--at = (char)('0' + v);
	}
	n = (size_t)(digits + sizeof(digits) - at);
	memcpy(to, at, n);
	return to + n;
}

char *sink_put_hex(char *to, uint64_t v, int digits)
{
	int used = v ? (67 - __builtin_clzll(v)) / 4 : 1;

	if (used > digits)
		digits = used;
	for (int i = digits - 1; i >= 0; i--, v >>= 4)
		to[i] = "0123456789abcdef"[v & 15];
	return to + digits;
}

void sink_u64(struct sink *s, uint64_t v)
{
	sink_commit(s, sink_put_u64(sink_reserve(s, 20), v));
}

void sink_hex(struct sink *s, uint64_t v, int digits)
{
	sink_commit(s, sink_put_hex(sink_reserve(s, 16), v, digits));
}

void sink_printf(struct sink *s, const char *fmt, ...)
{
	char text[SINK_MAX_RESERVE];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n > 0)
		sink_mem(s, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
}
