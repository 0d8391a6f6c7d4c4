// SPDX-License-Identifier: GPL-2.0-only
/*
 * A made-up kernel and its module, compiled here from tests/srcline, in captures whose machine had
 * them somewhere else. What is right comes from nm and readelf.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/symbol/debuginfo.h"
#include "report/render/debuginfo_json.h"
#include "report/render/debuginfo_text.h"
#include "report/render/render_json.h"
#include "tests/support/capture_builder.h"

#define SLID   0xffffffff9b800000u
#define MODULE 0xffffffffc0111000u

static char tmp[] = "/tmp/pwru-info-XXXXXX";
static char kernel_file[PATH_MAX];
static struct captures captures;
static struct capture *capture;
static struct debuginfo *info;
static char kernel_record[256];
static char modules_record[512];
static uint8_t symbols[1024];
static size_t symbols_len;
static uint64_t last_symbol;

/* The last line that the shell prints. */
static const char *shell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static const char *shell(const char *fmt, ...)
{
	static char line[512];
	char command[3 * PATH_MAX];
	va_list ap;
	FILE *f;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	line[0] = 0;
	f = popen(command, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		line[strcspn(line, "\n")] = 0;
	assert_int_equal(pclose(f), 0);
	return line;
}

static uint64_t number(const char *text)
{
	assert_true(*text);
	return strtoull(text, NULL, 16);
}

static uint64_t value(const char *file, const char *symbol)
{
	return number(shell("nm %s/%s | sed -n 's/ [tTA] %s$//p'", tmp, file, symbol));
}

static int compile(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(tmp));
	setenv("XDG_CACHE_HOME", tmp, 1);
	snprintf(kernel_file, sizeof(kernel_file), "%s/vmlinux", tmp);
	shell("gcc -O2 -g -no-pie -Wl,--build-id,--defsym=_text=__executable_start -o %s "
	      "tests/srcline/small.c tests/srcline/other.c",
	      kernel_file);
	shell("mkdir -p %s/lib/modules/1.2/net && for c in small other; do "
	      "gcc -O2 -g -ffreestanding -c -o %s/$c.o tests/srcline/$c.c || exit 1; done && "
	      "ld -r --build-id -o %s/lib/modules/1.2/net/small-mod.ko %s/small.o %s/other.o && "
	      "ln -s lib/modules/1.2/net/small-mod.ko %s/module",
	      tmp, tmp, tmp, tmp, tmp, tmp);
	return 0;
}

static int clean(void **state)
{
	(void)state;
	shell("rm -rf %s", tmp);
	return 0;
}

static void add_symbol(uint64_t addr, uint32_t module, const char *name)
{
	symbols_len += builder_symbol(symbols + symbols_len, addr - last_symbol, 't', module, name);
	last_symbol = addr;
}

static const char *build_id(const char *file)
{
	return shell("readelf -nW %s/%s | sed -n 's/.*Build ID: //p'", tmp, file);
}

static void set_record(enum snapshot_record type, const void *data, size_t len)
{
	capture->snapshot->record[type].data = data;
	capture->snapshot->record[type].len = len;
}

static void start(const char *kernel_id, bool allow_mismatch, const char *cache)
{
	struct debugfile_options o = {.vmlinux = kernel_file,
				      .directory = tmp,
				      .system = "/nonexistent",
				      .allow_mismatch = allow_mismatch};
	static const char host[] = "release=1.2\n";

	capture = captures_get(&captures, 1);
	capture->snapshot = calloc(1, sizeof(*capture->snapshot));
	snprintf(kernel_record, sizeof(kernel_record), "build_id=%s\ntext=%" PRIx64 "\n", kernel_id,
		 (uint64_t)SLID);
	snprintf(modules_record, sizeof(modules_record),
		 "bpf 0 0 -\nsmall_mod %" PRIx64 " 8192 %s\nother %" PRIx64 " 8192 %s\n",
		 (uint64_t)MODULE, build_id("module"), (uint64_t)MODULE + 8192, "00112233");
	symbols_len = last_symbol = 0;
	add_symbol(SLID + value("vmlinux", "entry") - value("vmlinux", "_text"), 0, "entry");
	add_symbol(MODULE, 2, "other_of_module");
	add_symbol(MODULE + 8192, 3, "in_other");
	add_symbol(MODULE + 3 * 8192, 1, "bpf_prog");
	set_record(SNAPSHOT_HOST, host, strlen(host));
	set_record(SNAPSHOT_KERNEL, kernel_record, strlen(kernel_record));
	set_record(SNAPSHOT_MODULES, modules_record, strlen(modules_record));
	set_record(SNAPSHOT_SYMBOLS, symbols, symbols_len);
	assert_int_equal(debuginfo_create(&o, cache, &info), 0);
}

static void stop(void)
{
	debuginfo_destroy(info);
	captures_deinit(&captures);
}

static void is_last(const struct debuginfo_frames *f, const char *function, const char *file)
{
	const struct linetable_frame *last = &f->frames[f->n - 1];

	assert_string_equal(last->function, function);
	assert_true(strlen(last->file) >= strlen(file));
	assert_string_equal(last->file + strlen(last->file) - strlen(file), file);
	assert_in_range(last->line, 1, 60);
}

static void of_the_kernel_wherever_it_was(void **state)
{
	struct debuginfo_object object;
	struct debuginfo_frames f;
	uint64_t entry;

	(void)state;
	start(build_id("vmlinux"), false, NULL);
	entry = SLID + value("vmlinux", "entry") - value("vmlinux", "_text");
	assert_int_equal(debuginfo_find(info, capture, entry, false, &f), 0);
	assert_true(f.verified);
	assert_int_equal(f.n, 1);
	is_last(&f, "entry", "tests/srcline/small.c");
	/* What returns to just behind its end was called in it, also when it never returns. */
	entry += number(shell("nm -S %s | sed -nE 's/.* ([0-9a-f]+) T entry$/\\1/p'", kernel_file));
	assert_int_equal(debuginfo_find(info, capture, entry, true, &f), 0);
	is_last(&f, "entry", "tests/srcline/small.c");
	assert_int_equal(debuginfo_object(info, capture, "", &object), 0);
	assert_string_equal(object.path, kernel_file);
	assert_string_equal(object.place, "vmlinux");
	assert_null(object.why);
	assert_true(object.verified);
	assert_string_equal(object.build_id, build_id("vmlinux"));
	assert_int_equal(debuginfo_find(info, capture, 0x1234, false, &f), -ENOENT);
	stop();
}

static void of_a_module_wherever_it_was(void **state)
{
	struct debuginfo_object object;
	struct debuginfo_frames f;
	uint64_t apart;

	(void)state;
	start(build_id("vmlinux"), false, NULL);
	assert_int_equal(
		debuginfo_find(info, capture, MODULE + value("module", "other"), false, &f), 0);
	is_last(&f, "other", "tests/srcline/other.c");
	/* Its sections of code are one behind the other, whatever else is between them. */
	apart = number(shell("at=0; readelf -SW %s/module | "
			     "sed -nE 's/^ *\\[ *[0-9]+\\] (\\S+) +\\S+ +0+ \\S+ (\\S+) "
			     "\\S+ +AX .* ([0-9]+)$/\\1 \\2 \\3/p' | "
			     "while read -r name size align; do "
			     "at=$(((at + align - 1) / align * align)); "
			     "if [ $name = .text.apart ]; then printf '%%x\\n' $at; fi; "
			     "at=$((at + 0x$size)); done",
			     tmp));
	assert_in_range(apart, 1, 8191);
	assert_int_equal(debuginfo_find(info, capture, MODULE + apart, false, &f), 0);
	is_last(&f, "apart", "tests/srcline/small.c");
	assert_int_equal(debuginfo_object(info, capture, "small_mod", &object), 0);
	assert_non_null(object.path);
	assert_string_equal(object.place, "debug-dir");
	/* No file; no such module; no file can be. */
	assert_int_equal(debuginfo_find(info, capture, MODULE + 8192, false, &f), -ENOENT);
	assert_int_equal(debuginfo_object(info, capture, "other", &object), 0);
	assert_null(object.path);
	assert_null(object.place);
	assert_string_equal(object.why, "not-found");
	assert_int_equal(debuginfo_object(info, capture, "nowhere", &object), -ENOENT);
	assert_int_equal(debuginfo_find(info, capture, MODULE + 3 * 8192, false, &f), -ENOENT);
	stop();
}

/* What follows the name of a caller. */
static const char *text_of(uint64_t addr)
{
	static char text[1024];
	struct sink s;

	assert_int_equal(sink_init(&s, -1, false), 0);
	captures.debuginfo = info;
	debuginfo_text(&s, capture, addr);
	assert_in_range(s.len, 0, sizeof(text) - 1);
	memcpy(text, s.data, s.len);
	text[s.len] = 0;
	sink_deinit(&s);
	captures.debuginfo = NULL;
	return text;
}

/* The same as JSON, an object of nothing else. */
static const char *json_of(uint64_t addr, const char *prefix)
{
	static char text[1024];
	struct sink s;

	assert_int_equal(sink_init(&s, -1, false), 0);
	captures.debuginfo = info;
	json_open(&s, '{');
	debuginfo_json(&s, prefix, capture, addr);
	json_close(&s, '}');
	assert_in_range(s.len, 0, sizeof(text) - 1);
	memcpy(text, s.data, s.len);
	text[s.len] = 0;
	sink_deinit(&s);
	captures.debuginfo = NULL;
	return text;
}

/* Some address in entry where something is inlined. */
static uint64_t inlined_address(void)
{
	uint64_t entry = value("vmlinux", "entry");

	for (uint64_t i = 1; i < 64; i++)
		if (*shell("eu-addr2line -i -e %s 0x%" PRIx64 " | sed -n 2p", kernel_file,
			   entry + i))
			return entry + i;
	fail_msg("nothing is inlined");
	return 0;
}

/* The functions that are inlined there, by what the file itself tells eu-addr2line. */
static void as_text(void **state)
{
	char want[1024] = "", line[2 * PATH_MAX];
	uint64_t at;
	FILE *f;

	(void)state;
	start(build_id("vmlinux"), false, NULL);
	at = inlined_address();
	snprintf(line, sizeof(line),
		 "eu-addr2line -f -i -e %s 0x%" PRIx64
		 " | sed \"s/ inlined at .*//; s/:[0-9]*$//; s|$PWD/||\" | "
		 "paste -sd '|\\n' | tac",
		 kernel_file, at);
	f = popen(line, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		char *bar = strchr(line, '|');

		line[strcspn(line, "\n")] = 0;
		assert_non_null(bar);
		*bar = 0;
		assert_in_range(strlen(want) + strlen(line) + strlen(bar + 1), 1, 900);
		if (*want)
			strcat(strcat(want, " > "), line);
		strcat(strcat(want, " "), bar + 1);
	}
	assert_int_equal(pclose(f), 0);
	assert_non_null(strstr(want, " > "));
	assert_string_equal(text_of(SLID + at + 1 - value("vmlinux", "_text")), want);
	assert_string_equal(text_of(0x1234), "");
	assert_string_equal(text_of(MODULE + 8192 + 1), "");
	stop();
	start("0011223344", true, NULL);
	strcat(want, " (unverified)");
	assert_string_equal(text_of(SLID + at + 1 - value("vmlinux", "_text")), want);
	stop();
}

/* By eu-addr2line again, which tells the innermost first. */
static void as_json(void **state)
{
	static const char chain[] =
		"eu-addr2line -f -i -e %s 0x%" PRIx64
		" | sed \"s/ inlined at .*//; s/:[0-9]*$//; s|$PWD/||\" | paste -sd ':\\n' | tac | "
		"awk -F: 'NR == 1 { place = \"\\\"c_file\\\":\\\"\" $2 \"\\\",\\\"c_line\\\":\" $3 } "
		"NR > 1 { all = all (NR > 2 ? \",\" : \"\") \"{\\\"func\\\":\\\"\" $1 \"\\\",\\\"file\\\":"
		"\\\"\" $2 \"\\\",\\\"line\\\":\" $3 \"}\" } END { print \"{\" place "
		"\",\\\"c_inlined\\\":[\" all \"],\\\"c_verified\\\":true}\" }'";
	static const char nothing[] =
		"{\"file\":null,\"line\":null,\"inlined\":null,\"verified\":null}";
	char want[512];
	uint64_t at, addr;

	(void)state;
	start(build_id("vmlinux"), false, NULL);
	at = inlined_address();
	addr = SLID + at + 1 - value("vmlinux", "_text");
	snprintf(want, sizeof(want), "%s", shell(chain, kernel_file, at));
	assert_non_null(strstr(want, "[{\"func\""));
	assert_string_equal(json_of(addr, "c_"), want);
	assert_string_equal(json_of(0x1234, ""), nothing);
	assert_string_equal(json_of(0, ""), nothing);
	assert_string_equal(json_of(MODULE + 8192 + 1, ""), nothing);
	stop();
	start("0011223344", true, NULL);
	strcpy(strstr(want, "true"), "false}");
	assert_string_equal(json_of(addr, "c_"), want);
	stop();
}

static void the_text_of_a_line(void **state)
{
	struct report_options o = {.vmlinux = kernel_file, .source_dir = "."};
	bool verified = false;
	char text[64];
	uint64_t entry;

	(void)state;
	start(build_id("vmlinux"), false, NULL);
	entry = SLID + value("vmlinux", "entry") - value("vmlinux", "_text");
	assert_int_equal(
		debuginfo_source(info, capture, entry, false, text, sizeof(text), &verified),
		-ENOENT);
	assert_int_equal(
		debuginfo_source(NULL, capture, entry, false, text, sizeof(text), &verified),
		-ENOENT);
	debuginfo_destroy(info);
	assert_int_equal(debuginfo_open(&o, &info), 0);
	assert_int_equal(
		debuginfo_source(info, capture, entry, false, text, sizeof(text), &verified), 0);
	assert_string_equal(text, "{");
	assert_true(verified);
	stop();
}

static void of_another_build_never_unmarked(void **state)
{
	struct debuginfo_object object;
	struct debuginfo_frames f;
	uint64_t entry;

	(void)state;
	start("0011223344", false, NULL);
	entry = SLID + value("vmlinux", "entry") - value("vmlinux", "_text");
	assert_int_equal(debuginfo_find(info, capture, entry, false, &f), -ENOENT);
	assert_int_equal(debuginfo_object(info, capture, "", &object), 0);
	assert_string_equal(object.why, "another-build");
	stop();
	start("", false, NULL);
	assert_int_equal(debuginfo_object(info, capture, "", &object), 0);
	assert_string_equal(object.why, "another-build");
	stop();
	start("0011223344", true, NULL);
	assert_int_equal(debuginfo_find(info, capture, entry, false, &f), 0);
	is_last(&f, "entry", "tests/srcline/small.c");
	assert_false(f.verified);
	stop();
}

static void the_second_time_from_the_cache(void **state)
{
	char id[DEBUGFILE_ID], cache[PATH_MAX];
	struct debuginfo_frames first, second;
	uint64_t entry;

	(void)state;
	snprintf(cache, sizeof(cache), "%s/cache/pwru", tmp);
	snprintf(id, sizeof(id), "%s", build_id("vmlinux"));
	entry = SLID + value("vmlinux", "entry") - value("vmlinux", "_text");
	start(id, false, cache);
	assert_int_equal(debuginfo_find(info, capture, entry, false, &first), 0);
	stop();
	shell("test -s %s/%s.lines", cache, id);
	start(id, false, cache);
	assert_int_equal(debuginfo_find(info, capture, entry, false, &second), 0);
	is_last(&second, "entry", "tests/srcline/small.c");
	assert_int_equal(first.n, second.n);
	stop();
}

static void captures_without_a_snapshot(void **state)
{
	struct debugfile_options o = {.system = "/nonexistent"};
	struct debuginfo_object object;
	struct debuginfo_frames f;

	(void)state;
	capture = captures_get(&captures, 1);
	assert_int_equal(debuginfo_create(&o, NULL, &info), 0);
	assert_int_equal(debuginfo_find(info, capture, SLID, false, &f), -ENOENT);
	assert_int_equal(debuginfo_object(info, capture, "", &object), -ENOENT);
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_the_kernel_wherever_it_was),
		cmocka_unit_test(of_a_module_wherever_it_was),
		cmocka_unit_test(as_text),
		cmocka_unit_test(as_json),
		cmocka_unit_test(the_text_of_a_line),
		cmocka_unit_test(of_another_build_never_unmarked),
		cmocka_unit_test(the_second_time_from_the_cache),
		cmocka_unit_test(captures_without_a_snapshot),
	};

	return cmocka_run_group_tests(tests, compile, clean);
}
