// SPDX-License-Identifier: GPL-2.0-only
#include "record/filter_options.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

static int address(enum option_id id, const char *arg, uint8_t *family, uint8_t *to)
{
	if (inet_pton(AF_INET, arg, to) == 1)
		*family = 4;
	else if (inet_pton(AF_INET6, arg, to) == 1)
		*family = 6;
	else
		return options_refuse(id, arg, "not an IPv4 or IPv6 address");
	return 0;
}

static int port(enum option_id id, const char *arg, uint8_t *has, uint16_t *to)
{
	uint64_t v;
	int err = options_number(id, arg, 65535, &v);

	if (err)
		return err;
	*has = 1;
	*to = (uint16_t)v;
	return 0;
}

static int proto(enum option_id id, const char *arg, struct pwru_config *f)
{
	static const struct {
		const char *name;
		uint8_t proto;
	} names[] = {{"tcp", IPPROTO_TCP},	{"udp", IPPROTO_UDP},	    {"icmp", IPPROTO_ICMP},
		     {"icmp6", IPPROTO_ICMPV6}, {"icmpv6", IPPROTO_ICMPV6}, {"sctp", IPPROTO_SCTP}};
	uint64_t v = 0;
	int err;

	f->has_proto = 1;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcasecmp(names[i].name, arg)) {
			f->proto = names[i].proto;
			return 0;
		}
	err = options_number(id, arg, 255, &v);
	f->proto = (uint8_t)v;
	return err;
}

static int mark(enum option_id id, const char *arg, struct pwru_config *f)
{
	const char *slash = strchr(arg, '/');
	size_t n = slash ? (size_t)(slash - arg) : strlen(arg);
	char value[32];
	uint64_t v, mask = UINT32_MAX;
	int err;

	if (n >= sizeof(value))
		return options_refuse(id, arg, "not a number");
	memcpy(value, arg, n);
	value[n] = 0;
	err = options_number(id, value, UINT32_MAX, &v);
	if (!err && slash)
		err = options_number(id, slash + 1, UINT32_MAX, &mask);
	if (!err && v & ~mask)
		err = options_refuse(id, arg, "bits of the mark outside the mask can never match");
	if (err)
		return err;
	f->has_mark = 1;
	f->mark = (uint32_t)v;
	f->mark_mask = (uint32_t)mask;
	return 0;
}

static int ifname(enum option_id id, const char *arg, struct pwru_config *f)
{
	if (!*arg || strlen(arg) >= sizeof(f->ifname))
		return options_refuse(id, arg, "an interface name has 1 to 15 characters");
	f->has_ifname = f->want_dev = 1;
	memset(f->ifname, 0, sizeof(f->ifname));
	memcpy(f->ifname, arg, strlen(arg));
	return 0;
}

static int pid(enum option_id id, const char *arg, struct pwru_config *f)
{
	uint64_t v;
	int err = options_number(id, arg, INT32_MAX, &v);

	if (!err && !v)
		err = options_refuse(id, arg, "no process has that number");
	f->pid = (uint32_t)v;
	return err;
}

int filter_option(struct pwru_config *f, enum option_id id, const char *arg)
{
	switch (id) {
	case OPTION_FILTER_SRC_IP:
		return address(id, arg, &f->src_family, f->src);
	case OPTION_FILTER_DST_IP:
		return address(id, arg, &f->dst_family, f->dst);
	case OPTION_FILTER_SRC_PORT:
		return port(id, arg, &f->has_sport, &f->sport);
	case OPTION_FILTER_DST_PORT:
		return port(id, arg, &f->has_dport, &f->dport);
	case OPTION_FILTER_PROTO:
		return proto(id, arg, f);
	case OPTION_FILTER_MARK:
		return mark(id, arg, f);
	case OPTION_FILTER_IFNAME:
		return ifname(id, arg, f);
	case OPTION_FILTER_PID:
		return pid(id, arg, f);
	default:
		return -ENOENT;
	}
}
