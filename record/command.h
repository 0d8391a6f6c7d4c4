/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_COMMAND_H
#define RECORD_COMMAND_H

/*
 * The command to record, run as the caller: forked before anything privileged is opened, with the
 * caller's own limits and, under sudo, as the user who called it; it waits until recording has
 * begun.
 */

#include <stdbool.h>
#include <sys/types.h>

/* So long a command has to end on SIGTERM. */
#define COMMAND_END_MS 3000

struct command; /* opaque */
struct privileges;

/*
 * stdout_to_stderr: our standard output carries the capture, so the command's goes to standard
 * error. -errno after one line.
 */
int command_fork(char **argv, bool stdout_to_stderr, const struct privileges *who,
		 struct command **ret);

/* Lets it run. -errno after one line when it could not be executed. */
int command_start(struct command *c);

/* A descriptor that becomes readable when it ends. */
int command_fd(const struct command *c);

/* Has it ended? *status as of waitpid(2). */
bool command_ended(struct command *c, int *status);

/* For kill(2). */
pid_t command_pid(const struct command *c);

/*
 * Ends it if it runs (SIGTERM) and waits for that, COMMAND_END_MS at most, unless it has become a
 * user whose processes we may not end (it is sudo, say); frees c. NULL is fine.
 */
void command_destroy(struct command *c);

#endif
