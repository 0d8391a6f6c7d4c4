// SPDX-License-Identifier: GPL-2.0-only
#include "report/symbol/debugfile_elf.h"

#include <elfutils/libdwelf.h>
#include <errno.h>
#include <gelf.h>
#include <stdio.h>
#include <string.h>

#include "common/cursor.h"

static void to_hex(const uint8_t *id, size_t len, char ret[DEBUGFILE_ID])
{
	ret[0] = 0;
	for (size_t i = 0; i < len && 2 * len < DEBUGFILE_ID; i++)
		snprintf(ret + 2 * i, 3, "%02x", id[i]);
}

static void read_alt(Elf_Scn *scn, struct debugfile_elf *ret)
{
	Elf_Data *data = elf_rawdata(scn, NULL);
	struct cursor c = data ? cursor_of(data->d_buf, data->d_size) : cursor_of(NULL, 0);
	size_t len;
	const char *name = cursor_cstr(&c, &len);

	if (!name || len >= sizeof(ret->alt_name))
		return;
	snprintf(ret->alt_name, sizeof(ret->alt_name), "%s", name);
	to_hex(c.p, cursor_left(&c), ret->alt_id);
}

static void read_sections(Elf *elf, struct debugfile_elf *ret)
{
	Elf_Scn *scn = NULL;
	const char *name;
	size_t names;
	GElf_Shdr sh;

	if (elf_getshdrstrndx(elf, &names))
		return;
	while ((scn = elf_nextscn(elf, scn))) {
		name = gelf_getshdr(scn, &sh) ? elf_strptr(elf, names, sh.sh_name) : NULL;
		if (!name || sh.sh_type == SHT_NOBITS)
			continue;
		if (!strcmp(name, ".debug_info") || !strcmp(name, ".zdebug_info"))
			ret->has_debug = true;
		if (!strcmp(name, ".gnu_debugaltlink"))
			read_alt(scn, ret);
	}
}

int debugfile_elf_read(int fd, struct debugfile_elf *ret)
{
	const void *id;
	ssize_t len;
	Elf *elf;

	memset(ret, 0, sizeof(*ret));
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF) {
		elf_end(elf);
		return -EBADMSG;
	}
	len = dwelf_elf_gnu_build_id(elf, &id);
	if (len > 0)
		to_hex(id, (size_t)len, ret->build_id);
	read_sections(elf, ret);
	elf_end(elf);
	return 0;
}
