/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include <stdarg.h>
#include <stdbool.h>

/* What goes to stderr. One line a message, prefixed with the program's name, without a newline in
 * fmt. Control characters in it, and bytes that are no UTF-8, come out as \xNN. */
enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Both may be called once, early; the defaults are "pwru" and LOG_LEVEL_INFO. program is borrowed.
 */
void log_init(const char *program, enum log_level level);
enum log_level log_level(void);
/* While muted nothing is said: what is read once more has been told of the first time. */
void log_mute(bool mute);

/* The line that stderr stands on is not ended, and what takes it away again is written before the
 * next message, once. NULL: there is no such line. erase is borrowed. */
void log_over(const char *erase);

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...)  log_write(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...)  log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

void log_write(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
