#!/bin/sh
# lockdown-test.sh, run in a guest booted with lockdown=confidentiality: only tracepoints without probe reads are left.
set -eu
cat /sys/kernel/security/lockdown > /out/lockdown
rc=0
/t/bin/pwru-record --check > /out/check.txt 2>&1 || rc=$?
echo "exit $rc" >> /out/check.txt
sh scene.sh up
sh scene.sh ping > /dev/null
rc=0
/t/bin/pwru-record -w /out/auto.pcapng -- sh -c 'sh scene.sh ping; sh scene.sh drop' > /out/auto.log 2>&1 || rc=$?
echo "$rc" > /out/auto.rc
rc=0
/t/bin/pwru-record --filter-src-ip 10.99.0.1 -w /out/filter.pcapng -- sh scene.sh ping > /out/filter.log 2>&1 || rc=$?
echo "$rc" > /out/filter.rc
