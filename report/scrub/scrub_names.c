// SPDX-License-Identifier: GPL-2.0-only
#include "report/scrub/scrub_names.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/read/table.h"

#define MOST	  65536u /* of a kind; a real capture has some hundred */
#define LATE_FROM 0x80000000u

struct scrub_names {
	struct scrub_key *key;
	struct capture *capture;
	struct table netns; /* values are the new numbers */
	struct table processes;
	struct table interfaces; /* by name_key() */
	struct table pairs;	 /* by netns << 32 | ifindex: its place in all_pairs + 1 */
	uint64_t *all_pairs;
};

int scrub_names_create(struct scrub_key *key, struct capture *c, struct scrub_names **ret)
{
	struct scrub_names *n = calloc(1, sizeof(*n));

	if (!n)
		return -ENOMEM;
	n->key = key;
	n->capture = c;
	*ret = n;
	return 0;
}

void scrub_names_destroy(struct scrub_names *n)
{
	if (!n)
		return;
	table_deinit(&n->netns, NULL);
	table_deinit(&n->processes, NULL);
	table_deinit(&n->interfaces, NULL);
	table_deinit(&n->pairs, NULL);
	free(n->all_pairs);
	free(n);
}

static uint64_t name_key(const struct scrub_names *n, uint32_t netns, const char *name)
{
	char text[64];
	int len = snprintf(text, sizeof(text), "%u %.48s", netns, name);

	return scrub_key_number(n->key, SCRUB_NAME, text, (size_t)len);
}

/* Gives it the next number, unless it has one. */
static int number(struct table *t, uint64_t key)
{
	if (!key || t->used >= MOST || table_get(t, key))
		return 0;
	return table_set(t, key, (void *)(t->used + 1));
}

static int add_pair(struct scrub_names *n, uint32_t netns, uint32_t ifindex)
{
	uint64_t key = (uint64_t)netns << 32 | ifindex, *all;
	size_t count = n->pairs.used;

	if (!ifindex || count >= MOST || table_get(&n->pairs, key))
		return 0;
	if (!(count & (count - 1))) { /* full at each power of two */
		all = realloc(n->all_pairs, (count ? 2 * count : 1) * sizeof(*all));
		if (!all)
			return -ENOMEM;
		n->all_pairs = all;
	}
	n->all_pairs[count] = key;
	return table_set(&n->pairs, key, (void *)(count + 1));
}

static int add_interface(struct scrub_names *n, uint32_t netns, const char *name)
{
	if (!name || !name[0] || !strcmp(name, "lo"))
		return 0;
	return number(&n->interfaces, name_key(n, netns, name));
}

int scrub_names_add(struct scrub_names *n, const struct event *e)
{
	int err = number(&n->netns, e->netns);

	if (!err)
		err = number(&n->processes, e->pid);
	if (!err)
		err = number(&n->processes, e->tid);
	if (!err)
		err = add_interface(n, e->netns, e->ifname);
	if (!err)
		err = add_interface(n, e->netns, capture_iface(n->capture, e->netns, e->ifindex));
	return err ? err : add_pair(n, e->netns, e->ifindex);
}

static uint32_t numbered(const struct scrub_names *n, const struct table *t, uint64_t key)
{
	uintptr_t known = (uintptr_t)table_get(t, key);

	if (known || !key)
		return (uint32_t)known;
	return LATE_FROM | (uint32_t)scrub_key_number(n->key, SCRUB_NUMBER, &key, sizeof(key));
}

uint32_t scrub_names_netns(const struct scrub_names *n, uint32_t inode)
{
	return numbered(n, &n->netns, inode);
}

uint32_t scrub_names_process(const struct scrub_names *n, uint32_t id)
{
	return numbered(n, &n->processes, id);
}

void scrub_names_interface(const struct scrub_names *n, uint32_t netns, const char *name, char *ret)
{
	if (!name[0] || !strcmp(name, "lo"))
		snprintf(ret, EVENT_NAME_LEN + 1, "%s", name);
	else
		snprintf(ret, EVENT_NAME_LEN + 1, "if%u",
			 numbered(n, &n->interfaces, name_key(n, netns, name)));
}

bool scrub_names_has(const struct scrub_names *n, uint32_t netns, uint32_t ifindex)
{
	return table_get(&n->pairs, (uint64_t)netns << 32 | ifindex);
}

void scrub_names_interfaces(const struct scrub_names *n, struct buf *out)
{
	char name[EVENT_NAME_LEN + 1];

	for (size_t i = 0; i < n->pairs.used; i++) {
		uint32_t netns = (uint32_t)(n->all_pairs[i] >> 32);
		uint32_t ifindex = (uint32_t)n->all_pairs[i];
		const char *was = capture_iface(n->capture, netns, ifindex);

		if (!was || !was[0])
			continue;
		scrub_names_interface(n, netns, was, name);
		buf_printf(out, "%u %u %s\n", scrub_names_netns(n, netns), ifindex, name);
	}
}
