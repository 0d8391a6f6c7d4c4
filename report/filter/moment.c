// SPDX-License-Identifier: GPL-2.0-only
#include "report/filter/moment.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define NS_PER_S    UINT64_C(1000000000)
#define YEAR_FIRST  1970
#define YEAR_LAST   2261 /* what ns since 1970 can tell whole years of */
#define YEAR_DIGITS 4

/* What is left to read. */
struct text {
	const char *at;
	const char *end;
};

static bool take(struct text *t, char c)
{
	if (t->at == t->end || *t->at != c)
		return false;
	t->at++;
	return true;
}

static bool is_digit(const struct text *t)
{
	return t->at < t->end && *t->at >= '0' && *t->at <= '9';
}

/* Exactly so many digits. */
static bool take_digits(struct text *t, int n, int *ret)
{
	int v = 0;

	for (; n; n--) {
		if (!is_digit(t))
			return false;
		v = 10 * v + (*t->at++ - '0');
	}
	*ret = v;
	return true;
}

/* What follows a decimal point, of a unit of so many ns. False: finer than a ns. */
static bool take_fraction(struct text *t, uint64_t unit, uint64_t *ret)
{
	uint64_t v = 0;

	if (!is_digit(t))
		return false;
	while (is_digit(t)) {
		unsigned int digit = (unsigned int)(*t->at++ - '0');

		if (digit && unit % 10)
			return false;
		unit /= 10;
		v += digit * unit;
	}
	*ret = v;
	return true;
}

static bool unit_of(const struct text *t, uint64_t *ret)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = {
		{"ns", 1},	 {"us", 1000},	       {"µs", 1000},	       {"ms", 1000000},
		{"s", NS_PER_S}, {"m", 60 * NS_PER_S}, {"h", 3600 * NS_PER_S},
	};
	size_t len = (size_t)(t->end - t->at);

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strlen(units[i].name) == len && !memcmp(units[i].name, t->at, len)) {
			*ret = units[i].ns;
			return true;
		}
	return false;
}

int moment_duration(const char *text, size_t len, uint64_t *ret)
{
	struct text t = {text, text + len}, unit_at, fraction;
	uint64_t whole = 0, unit, part = 0;

	if (!is_digit(&t))
		return -EINVAL;
	for (; is_digit(&t); t.at++)
		if (__builtin_mul_overflow(whole, 10, &whole) ||
		    __builtin_add_overflow(whole, (uint64_t)(*t.at - '0'), &whole))
			return -EINVAL;
	if (t.at == t.end && !whole) {
		*ret = 0;
		return 0;
	}
	fraction = t;
	if (take(&t, '.'))
		while (is_digit(&t))
			t.at++;
	unit_at = t;
	if (!unit_of(&unit_at, &unit))
		return -EINVAL;
	if (take(&fraction, '.') && !take_fraction(&fraction, unit, &part))
		return -EINVAL;
	if (__builtin_mul_overflow(whole, unit, &whole) ||
	    __builtin_add_overflow(whole, part, &whole))
		return -EINVAL;
	*ret = whole;
	return 0;
}

/* HH:MM[:SS[.fraction]] */
static bool take_clock(struct text *t, struct tm *tm, uint64_t *ns)
{
	*ns = 0;
	tm->tm_sec = 0;
	if (!take_digits(t, 2, &tm->tm_hour) || tm->tm_hour > 23 || !take(t, ':') ||
	    !take_digits(t, 2, &tm->tm_min) || tm->tm_min > 59)
		return false;
	if (!take(t, ':'))
		return true;
	if (!take_digits(t, 2, &tm->tm_sec) || tm->tm_sec > 59)
		return false;
	return !take(t, '.') || take_fraction(t, NS_PER_S, ns);
}

static bool take_date(struct text *t, struct tm *tm)
{
	if (!take_digits(t, YEAR_DIGITS, &tm->tm_year) || !take(t, '-') ||
	    !take_digits(t, 2, &tm->tm_mon) || !take(t, '-') || !take_digits(t, 2, &tm->tm_mday))
		return false;
	if (tm->tm_year < YEAR_FIRST || tm->tm_year > YEAR_LAST)
		return false;
	tm->tm_year -= 1900;
	tm->tm_mon--;
	return true;
}

static bool seconds_of(struct tm *tm, bool utc, int64_t *ret)
{
	struct tm same = *tm;
	time_t t;

	same.tm_isdst = -1;
	t = utc ? timegm(&same) : mktime(&same);
	*ret = t;
	/* The 31st of a month without one would be taken for the 1st of the next. */
	return same.tm_mday == tm->tm_mday && same.tm_mon == tm->tm_mon;
}

static int parse_date(struct text t, bool utc, struct moment *ret)
{
	struct tm tm = {.tm_mday = 1};
	int64_t seconds;
	uint64_t ns = 0;

	if (!take_date(&t, &tm))
		return -EINVAL;
	if ((take(&t, 'T') || take(&t, ' ')) && !take_clock(&t, &tm, &ns))
		return -EINVAL;
	utc |= take(&t, 'Z');
	if (t.at != t.end || !seconds_of(&tm, utc, &seconds))
		return -EINVAL;
	*ret = (struct moment){.kind = MOMENT_DATE,
			       .ns = seconds * (int64_t)NS_PER_S + (int64_t)ns};
	return 0;
}

static int parse_of_day(struct text t, bool utc, struct moment *ret)
{
	struct tm tm = {};
	uint64_t ns;

	if (!take_clock(&t, &tm, &ns))
		return -EINVAL;
	utc |= take(&t, 'Z');
	if (t.at != t.end)
		return -EINVAL;
	*ret = (struct moment){.kind = MOMENT_OF_DAY, .utc = utc};
	ret->ns =
		(tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec) * (int64_t)NS_PER_S + (int64_t)ns;
	return 0;
}

int moment_parse(const char *text, size_t len, bool utc, struct moment *ret)
{
	struct text t = {text, text + len};
	uint64_t ns;

	if (take(&t, '+')) {
		if (moment_duration(t.at, len - 1, &ns) || ns > INT64_MAX)
			return -EINVAL;
		*ret = (struct moment){.kind = MOMENT_SINCE_FIRST, .ns = (int64_t)ns};
		return 0;
	}
	if (len > YEAR_DIGITS && text[YEAR_DIGITS] == '-')
		return parse_date(t, utc, ret);
	return parse_of_day(t, utc, ret);
}

/* Midnight is not always so many seconds before: clocks are put forward and back. */
static int64_t of_day(const struct moment *m, int64_t first)
{
	int64_t second = first / (int64_t)NS_PER_S - (first % (int64_t)NS_PER_S < 0);
	int64_t of_day = m->ns / (int64_t)NS_PER_S, when;
	time_t t = (time_t)second;
	struct tm tm = {};

	if (!(m->utc ? gmtime_r(&t, &tm) : localtime_r(&t, &tm)))
		return first;
	tm.tm_hour = (int)(of_day / 3600);
	tm.tm_min = (int)(of_day / 60 % 60);
	tm.tm_sec = (int)(of_day % 60);
	seconds_of(&tm, m->utc, &second);
	if (__builtin_mul_overflow(second, (int64_t)NS_PER_S, &when) ||
	    __builtin_add_overflow(when, m->ns % (int64_t)NS_PER_S, &when))
		return first;
	return when;
}

int64_t moment_when(const struct moment *m, int64_t first)
{
	int64_t when;

	if (m->kind == MOMENT_DATE)
		return m->ns;
	if (m->kind == MOMENT_OF_DAY)
		return of_day(m, first);
	return __builtin_add_overflow(first, m->ns, &when) ? INT64_MAX : when;
}
