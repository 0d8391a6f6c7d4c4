// SPDX-License-Identifier: GPL-2.0-only
#include "report/render/render_field.h"

#include <arpa/inet.h>

#include "report/render/render_csv.h"
#include "report/render/render_json.h"
#include "report/render/render_text.h"

#define ADDRESS_LEN INET6_ADDRSTRLEN

/* Each key as it stands in a line, comma and colon included. */
static const struct {
	const char *text;
	size_t len;
} keys[FIELD_COUNT] = {
#define KEY(key)                                             \
	{                                                    \
		",\"" key "\":", sizeof(",\"" key "\":") - 1 \
	}
#define HIT(id, name, type, help)	[FIELD_##id] = KEY(name),
#define PATH(id, name, key, type, help) [FIELD_##id] = KEY(key),
#include "report/filter/fields.def"
#undef HIT
#undef PATH
#undef KEY
};

/* An address, or a MAC's; its length. */
static size_t put_address(char out[ADDRESS_LEN], const struct field *f, const struct field_value *v)
{
	char *to = out;

	if (f->type == FIELD_TYPE_ADDRESS) {
		if (!inet_ntop(v->family == 4 ? AF_INET : AF_INET6, v->address, out, ADDRESS_LEN))
			return 0;
		return strlen(out);
	}
	for (size_t i = 0; i < sizeof(v->mac); i++) {
		to = sink_put_hex(to, v->mac[i], 2);
		*to++ = ':';
	}
	return (size_t)(to - 1 - out);
}

static void put_key(struct sink *s, enum field_id id)
{
	size_t first = sink_last(s) == '{';

	sink_mem(s, keys[id].text + first, keys[id].len - first);
}

static void put_bytes(struct sink *s, const uint8_t *p, size_t n)
{
	sink_char(s, '"');
	for (size_t i = 0; i < n; i++)
		sink_hex(s, p[i], 2);
	sink_char(s, '"');
}

void json_field(struct sink *s, const struct field *f, const struct field_value *v)
{
	char address[ADDRESS_LEN];

	put_key(s, f->id);
	if (f->type == FIELD_TYPE_LIST)
		return;
	if (!v->known) {
		sink_mem(s, "null", 4);
		return;
	}
	switch (f->type) {
	case FIELD_TYPE_STRING:
		return json_text(s, v->text, v->text_len);
	case FIELD_TYPE_NUMBER:
	case FIELD_TYPE_DURATION:
		return sink_u64(s, v->number);
	case FIELD_TYPE_HEX:
		sink_mem(s, "\"0x", 3);
		sink_hex(s, v->number, 1);
		return sink_char(s, '"');
	case FIELD_TYPE_BOOL:
		return sink_str(s, v->number ? "true" : "false");
	case FIELD_TYPE_TIME:
		sink_char(s, '"');
		text_time_utc(s, v->time);
		return sink_char(s, '"');
	case FIELD_TYPE_BYTES:
		return put_bytes(s, v->bytes, v->n_bytes);
	default:
		return json_text(s, address, put_address(address, f, v));
	}
}

void csv_field_names(struct sink *s, enum field_scope scope)
{
	for (size_t i = 0; i < FIELD_COUNT; i++)
		if (fields[i].scope == scope && csv_has(&fields[i]))
			csv_str(s, fields[i].key);
}

void csv_field(struct sink *s, const struct field *f, const struct field_value *v)
{
	char address[ADDRESS_LEN];

	if (!v->known)
		return csv_none(s);
	switch (f->type) {
	case FIELD_TYPE_STRING:
		return csv_text(s, v->text, v->text_len);
	case FIELD_TYPE_NUMBER:
	case FIELD_TYPE_DURATION:
		return csv_u64(s, v->number);
	case FIELD_TYPE_HEX:
		return csv_hex(s, v->number);
	case FIELD_TYPE_BOOL:
		return csv_bool(s, v->number);
	case FIELD_TYPE_TIME:
		return csv_time(s, v->time);
	default:
		return csv_text(s, address, put_address(address, f, v));
	}
}
