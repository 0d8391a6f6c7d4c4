// SPDX-License-Identifier: GPL-2.0-only
#include "report/path/reason.h"

#include <string.h>

#define REASON(name, usually, look) {#name, usually, look},
const struct reason reason_all[] = {
#include "report/path/reasons.def"
};
#undef REASON
const size_t reason_count = sizeof(reason_all) / sizeof(reason_all[0]);

/* Whole families, whose members say the rest by their name. */
static const struct reason families[] = {
	{"RX_DROP_",
	 "The wireless stack (mac80211) cannot use the frame; the reason's name says why.",
	 "iw dev DEV station dump"},
};

/* "reason 77": the capture had no name for the number. */
static const struct reason unnamed = {
	"", "The recording kernel's description names no such reason: it is a module's own.",
	"scripts/faddr2line vmlinux FUNCTION+0xOFFSET"};

static const struct reason unknown = {
	"", "Not known to this version of pwru-report: the kernel is newer.",
	"grep -rw -B5 SKB_DROP_REASON_NAME include/net/dropreason-core.h"};

static const struct reason none = {
	"", "No reason is recorded (kernels before 5.17 tell none): its code there says more.",
	"scripts/faddr2line vmlinux FUNCTION+0xOFFSET"};

static const struct reason *exact(const char *name)
{
	for (size_t i = 0; i < reason_count; i++)
		if (!strcmp(reason_all[i].name, name))
			return &reason_all[i];
	return NULL;
}

const struct reason *reason_find(const char *name)
{
	static const char *const prefixes[] = {"", "SKB_DROP_REASON_", "SKB_"};
	const struct reason *r;
	size_t len;

	if (!name)
		return &none;
	if (!strncmp(name, "reason ", 7))
		return &unnamed;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		len = strlen(prefixes[i]);
		r = strncmp(name, prefixes[i], len) ? NULL : exact(name + len);
		if (r)
			return r;
	}
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (!strncmp(name, families[i].name, strlen(families[i].name)))
			return &families[i];
	return &unknown;
}
