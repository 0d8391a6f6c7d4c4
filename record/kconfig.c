// SPDX-License-Identifier: GPL-2.0-only
#include "record/kconfig.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include <zlib.h>

#include "common/buf.h"

struct kconfig {
	char path[128];
	struct buf text;
};

/* gzread() passes plain files through. */
static int read_config(struct kconfig *k)
{
	gzFile f = gzopen(k->path, "rbe");
	uint8_t *room;
	int n;

	if (!f)
		return -ENOENT;
	do {
		room = buf_extend(&k->text, 1 << 16);
		n = room ? gzread(f, room, 1 << 16) : -1;
		if (room)
			k->text.len -= (size_t)((1 << 16) - (n > 0 ? n : 0));
	} while (n > 0);
	gzclose(f);
	buf_u8(&k->text, 0);
	return n < 0 || !k->text.len ? -ENOENT : buf_error(&k->text);
}

int kconfig_create(struct kconfig **ret)
{
	struct kconfig *k = calloc(1, sizeof(*k));
	struct utsname u;
	int err;

	if (!k)
		return -ENOMEM;
	uname(&u);
	snprintf(k->path, sizeof(k->path), "/proc/config.gz");
	err = read_config(k);
	if (err) {
		buf_deinit(&k->text);
		snprintf(k->path, sizeof(k->path), "/boot/config-%s", u.release);
		err = read_config(k);
	}
	if (err) {
		kconfig_destroy(k);
		return err;
	}
	*ret = k;
	return 0;
}

void kconfig_destroy(struct kconfig *k)
{
	if (k)
		buf_deinit(&k->text);
	free(k);
}

char kconfig_get(const struct kconfig *k, const char *option)
{
	char line[96];
	const char *at;

	snprintf(line, sizeof(line), "\nCONFIG_%s=", option);
	at = strstr((const char *)k->text.data, line);
	at = at ? at + strlen(line) : "n";
	return *at == 'y' || *at == 'm' ? *at : 'n';
}

const char *kconfig_path(const struct kconfig *k)
{
	return k->path;
}
