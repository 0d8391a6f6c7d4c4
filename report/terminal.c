// SPDX-License-Identifier: GPL-2.0-only
#include "report/terminal.h"

#include <stdlib.h>
#include <sys/ioctl.h>

#define MOST 1000

int terminal_columns(int fd, int otherwise)
{
	const char *said = getenv("COLUMNS");
	int n = said ? atoi(said) : 0;
	struct winsize size;

	if (n <= 0 && !ioctl(fd, TIOCGWINSZ, &size))
		n = size.ws_col;
	if (n <= 0)
		n = otherwise;
	return n < MOST ? n : MOST;
}
