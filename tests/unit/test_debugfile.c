// SPDX-License-Identifier: GPL-2.0-only
/* Files of nothing but a build-id and a section that makes them debug information. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/cleanup.h"
#include "report/symbol/debugfile.h"
#include "tests/support/said.h"

static char root[] = "/tmp/pwru-debug-XXXXXX";
static char given[PATH_MAX];
static char system_root[PATH_MAX];
static struct debugfile_options options;

static int setup(void **state)
{
	(void)state;
	memcpy(strrchr(root, '-') + 1, "XXXXXX", 6);
	assert_non_null(mkdtemp(root));
	snprintf(given, sizeof(given), "%s/given", root);
	snprintf(system_root, sizeof(system_root), "%s/system", root);
	options = (struct debugfile_options){.directory = given, .system = system_root};
	return 0;
}

static int teardown(void **state)
{
	char command[PATH_MAX];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

static const char names[] = "\0.note.gnu.build-id\0.debug_info\0.shstrtab";

/* A build-id of id repeated 20 times. */
static void write_elf(int fd, uint8_t id, const char *debug)
{
	Elf64_Ehdr eh = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
			 .e_type = ET_REL,
			 .e_machine = EM_X86_64,
			 .e_version = EV_CURRENT,
			 .e_ehsize = sizeof(eh),
			 .e_shentsize = sizeof(Elf64_Shdr),
			 .e_shnum = 4,
			 .e_shstrndx = 3};
	Elf64_Nhdr note = {.n_namesz = 4, .n_descsz = 20, .n_type = NT_GNU_BUILD_ID};
	Elf64_Shdr sh[4] = {
		{0},
		{.sh_name = 1, .sh_type = SHT_NOTE, .sh_offset = sizeof(eh), .sh_size = 36},
		{.sh_name = 20, .sh_type = SHT_PROGBITS, .sh_offset = sizeof(eh), .sh_size = 8},
		{.sh_name = 32, .sh_type = SHT_STRTAB, .sh_size = sizeof(names)}};
	struct buf b = {0};

	if (!debug)
		sh[2].sh_name = 0;
	sh[3].sh_offset = sizeof(eh) + 36;
	sh[1].sh_addralign = 4;
	eh.e_shoff = (sizeof(eh) + 36 + sizeof(names) + 7) / 8 * 8;
	buf_append(&b, &eh, sizeof(eh));
	buf_append(&b, &note, sizeof(note));
	buf_append(&b, "GNU", 4);
	memset(buf_extend(&b, 20), id, 20);
	buf_append(&b, names, sizeof(names));
	buf_zero(&b, eh.e_shoff - b.len);
	buf_append(&b, sh, sizeof(sh));
	assert_int_equal(write(fd, b.data, b.len), b.len);
	buf_deinit(&b);
}

/* path below root, with its directories. */
static void make(const char *path, uint8_t id, const char *debug)
{
	char at[PATH_MAX];
	int fd;

	snprintf(at, sizeof(at), "%s/%s", root, path);
	for (char *slash = at + strlen(root); (slash = strchr(slash + 1, '/'));) {
		*slash = 0;
		mkdir(at, 0700);
		*slash = '/';
	}
	fd = open(at, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	write_elf(fd, id, debug);
	close(fd);
}

static const char *id_of(uint8_t id)
{
	static char hex[41];

	for (int i = 0; i < 20; i++)
		snprintf(hex + 2 * i, 3, "%02x", id);
	return hex;
}

/* Where it was found, below root; NULL: not. */
static const char *find_in(const char *release, const char *module, const char *id, bool *verified)
{
	static char path[PATH_MAX];
	struct debugfile_finder *f;
	struct debugfile *d = NULL;
	int err;

	assert_int_equal(debugfile_finder_create(&options, release, &f), 0);
	err = debugfile_find(f, module, id, &d);
	debugfile_finder_destroy(f);
	assert_true(err == 0 || err == -ENOENT || err == -ESTALE);
	if (err)
		return NULL;
	assert_true(d->fd >= 0);
	snprintf(path, sizeof(path), "%s", d->path + strlen(root) + 1);
	if (verified)
		*verified = d->verified;
	assert_string_equal(d->place, !strncmp(path, "given/", 6)    ? "debug-dir"
				      : !strncmp(path, "system/", 7) ? "system"
								     : "vmlinux");
	debugfile_close(d);
	return path;
}

static const char *find(const char *module, uint8_t id)
{
	bool verified = false;
	const char *path = find_in("6.1.0-1", module, id_of(id), &verified);

	assert_true(!path || verified);
	return path;
}

/* From the last place to the first: each one wins over those before it. */
static void the_order_of_places(void **state)
{
	static const char *const places[] = {
		"system/vmlinux-6.1.0-1",
		"system/usr/lib/modules/6.1.0-1/vmlinux",
		"system/lib/modules/6.1.0-1/vmlinux",
		"system/boot/vmlinux-6.1.0-1",
		"system/.build-id/aa/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.debug",
		"given/vmlinux",
		"given/boot/vmlinux-6.1.0-1",
		"given/.build-id/aa/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.debug",
		"mine",
	};
	char mine[PATH_MAX];

	(void)state;
	snprintf(mine, sizeof(mine), "%s/mine", root);
	assert_null(find("", 0xaa));
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (i == 8)
			options.vmlinux = mine;
		make(places[i], 0xaa, "debug");
		assert_string_equal(find("", 0xaa), places[i]);
	}
}

/* The same of a module. What is of another build is in nobody's way. */
static void the_order_of_places_of_modules(void **state)
{
	static const char *const places[] = {
		"system/usr/lib/modules/6.1.0-1/extra/nf_tables.ko",
		"system/lib/modules/6.1.0-1/kernel/net/netfilter/nf-tables.ko.debug",
		"system/.build-id/bb/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.debug",
		"given/nf_tables.ko.debug",
		"given/nf_tables.ko",
		"given/usr/lib/modules/6.1.0-1/extra/nf_tables.ko",
		"given/lib/modules/6.1.0-1/kernel/net/netfilter/nf-tables.ko.debug",
		"given/.build-id/bb/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.debug",
	};
	struct said said = said_begin(STDERR_FILENO);
	char path[PATH_MAX];

	(void)state;
	assert_null(find("nf_tables", 0xbb));
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		make(places[i], 0xbb, "debug");
		assert_string_equal(find("nf_tables", 0xbb), places[i]);
	}
	for (size_t i = sizeof(places) / sizeof(places[0]) - 1; i > 1; i--) {
		make(places[i], 0xcc, "debug");
		snprintf(path, sizeof(path), "%s/%s", root, places[i]);
		if (i == 6) /* of a tree's modules of one name only the first is looked at */
			assert_int_equal(unlink(path), 0);
		assert_string_equal(find("nf_tables", 0xbb), places[i - 1]);
	}
	said_end(&said);
	assert_non_null(strstr(said.text, "build-id cccccccccccccccccccccccccccccccccccccccc, "
					  "but the capture has bbbbbbbbbbbbbbbbbbbbbbbbbbbb"));
}

static void modules_of_other_names(void **state)
{
	(void)state;
	make("system/lib/modules/6.1.0-1/kernel/net/netfilter/nf_tables_offload.ko", 0xbb, "debug");
	make("given/nf_tables.ko", 0xbb, "debug");
	assert_null(find("../given/nf_tables", 0xbb));
	assert_null(find("veth", 0xbb));
}

/* What a capture says is no path, and no pattern. */
static void hostile_names(void **state)
{
	(void)state;
	make("vmlinux", 0xcc, "debug");
	make("system/boot/vmlinux-", 0xcc, "debug");
	assert_null(find_in("..", "", id_of(0xcc), NULL));
	assert_null(find_in("../../x", "", id_of(0xcc), NULL));
	assert_null(find_in("", "", id_of(0xcc), NULL));
	assert_null(find_in("%n%s", "%n%s", id_of(0xcc), NULL));
	assert_null(find_in("6.1.0-1", "", "../../vmlinux", NULL));
	assert_null(find_in("6.1.0-1", "", "", NULL));
}

static void another_build_id(void **state)
{
	const char *found;
	struct said said;
	bool verified = true;

	(void)state;
	make("given/vmlinux", 0xdd, "debug");
	make("system/boot/vmlinux-6.1.0-1", 0xde, "debug");
	said = said_begin(STDERR_FILENO);
	found = find("", 0xaa);
	said_end(&said);
	assert_null(found);
	/* Refused, with both. */
	assert_non_null(strstr(said.text, "given/vmlinux"));
	assert_non_null(strstr(said.text, "dddddddddddddddddddddddddddddddddddddddd"));
	assert_non_null(strstr(said.text, id_of(0xaa)));
	options.allow_mismatch = true;
	assert_string_equal(find_in("6.1.0-1", "", id_of(0xaa), &verified), "given/vmlinux");
	assert_false(verified);
	/* Where one is right, that. */
	assert_string_equal(find_in("6.1.0-1", "", id_of(0xde), &verified),
			    "system/boot/vmlinux-6.1.0-1");
	assert_true(verified);
}

static void no_debug_information(void **state)
{
	char path[PATH_MAX];

	(void)state;
	make("system/boot/vmlinux-6.1.0-1", 0xaa, NULL);
	assert_null(find("", 0xaa));
	snprintf(path, sizeof(path), "%s/given", root);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/given/vmlinux", root);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_null(find("", 0xaa));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/dev/zero", path), 0);
	assert_null(find("", 0xaa));
	options.vmlinux = "/dev/null";
	assert_null(find("", 0xaa));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_order_of_places, setup, teardown),
		cmocka_unit_test_setup_teardown(the_order_of_places_of_modules, setup, teardown),
		cmocka_unit_test_setup_teardown(modules_of_other_names, setup, teardown),
		cmocka_unit_test_setup_teardown(hostile_names, setup, teardown),
		cmocka_unit_test_setup_teardown(another_build_id, setup, teardown),
		cmocka_unit_test_setup_teardown(no_debug_information, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
