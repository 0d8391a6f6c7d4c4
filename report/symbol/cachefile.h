/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_CACHEFILE_H
#define REPORT_CACHEFILE_H

/*
 * Files that are kept from run to run in the user's cache. The directory and the files must be the
 * user's own and nobody else's to write, and no symbolic links. A file is replaced as a whole, or
 * not at all, whatever else does so at the same time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* $XDG_CACHE_HOME/pwru, or that in ~/.cache. false: neither is set to an absolute path. */
bool cachefile_directory(char *ret, size_t size);

/* A descriptor of the directory, which is made when it is missing. -1: it is not fit, which who
 * debugs has been told. */
int cachefile_open_directory(const char *path);
/* A descriptor of a file in it, to be read. -1: there is none that is fit. */
int cachefile_open(int dir, const char *name);

/* len bytes from offset on. 0, -EBADMSG: they are not there, -errno. */
int cachefile_read(int fd, uint8_t *to, size_t len, uint64_t offset);
int cachefile_write(int fd, const uint8_t *data, size_t len); /* 0, -errno */

/* The file that is to take name's place. -EBUSY: another program is writing it; -errno. */
int cachefile_begin(int dir, const char *name, int *ret);
/* It does, unless err says that it was not written; before it is closed. 0, err, -errno. */
int cachefile_end(int dir, const char *name, int err);

/* Of the files with this in their names removes those that were opened or written longest ago,
 * until the others take max bytes at most. */
void cachefile_trim(int dir, const char *with, uint64_t max);

#endif
