// SPDX-License-Identifier: GPL-2.0-only
/* pwru-report: rebuilds packets' paths from a capture. */
#include <errno.h>

#include "common/log.h"
#include "report/extract.h"
#include "report/options.h"
#include "report/pipe.h"
#include "report/view.h"

#define EXIT_USAGE 2

int main(int argc, char **argv)
{
	struct report_options options;
	int err;

	log_init("pwru-report", LOG_LEVEL_INFO);
	err = report_options_parse(argc, argv, &options);
	if (err)
		return err == -ECANCELED ? 0 : EXIT_USAGE;
	log_init("pwru-report", options.level);
	if (options.write)
		return (int)extract_run(&options);
	return options.view->run ? options.view->run(&options) : (int)pipe_run(&options);
}
