// SPDX-License-Identifier: GPL-2.0-only
#include "record/counters.h"

#include "common/log.h"
#include "common/pcapng.h"
#include "common/pcapng_writer.h"

void counters_read(const struct program *p, const struct missed *missed, struct counters_cpu *cpu,
		   struct capture_counters *n)
{
	for (unsigned int i = 0; i < program_cpus(p); i++) {
		const volatile struct pwru_cpu *c = program_cpu(p, i);

		cpu[i] = (struct counters_cpu){c->lost_ring, c->lost_read};
		n->lost_ring += cpu[i].lost_ring;
		n->lost_read += cpu[i].lost_read;
		n->lost_map += c->lost_map;
		n->null_arg += c->null_arg;
		n->err_arg += c->err_arg;
		n->not_skb += c->not_skb;
		n->filtered += c->filtered;
		n->recursion += c->nested;
		n->stale += c->stale;
		n->evicted += c->evicted;
	}
	n->cpu = cpu;
	n->cpus = program_cpus(p);
	n->uncounted = !missed_read(missed, &n->recursion, &n->nmissed);
}

uint64_t counters_lost(const struct capture_counters *n)
{
	return n->lost_ring + n->lost_read + n->lost_hold;
}

bool counters_complete(const struct capture_counters *n)
{
	return !counters_lost(n) && !n->lost_map && !n->evicted && !n->recursion && !n->nmissed;
}

#define MOST_CPUS 1024 /* told of, or a note would be longer than an option can be */

void counters_print_cpu(struct buf *b, unsigned int cpu, const struct counters_cpu *n)
{
	if (cpu < MOST_CPUS && (n->lost_ring || n->lost_read))
		buf_printf(b, "lost_cpu%u=%llu %llu\n", cpu, (unsigned long long)n->lost_ring,
			   (unsigned long long)n->lost_read);
}

void counters_print(struct buf *b, const struct capture_counters *n)
{
	const struct {
		const char *key;
		uint64_t v;
	} all[] = {
		{"recorded", n->recorded}, {"lost_ring", n->lost_ring}, {"lost_read", n->lost_read},
		{"lost_map", n->lost_map}, {"lost_hold", n->lost_hold}, {"held", n->held},
		{"null_arg", n->null_arg}, {"err_arg", n->err_arg},	{"not_skb", n->not_skb},
		{"filtered", n->filtered}, {"recursion", n->recursion}, {"nmissed", n->nmissed},
		{"stale", n->stale},	   {"evicted", n->evicted}};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		buf_printf(b, "%s=%llu\n", all[i].key, (unsigned long long)all[i].v);
	buf_printf(b, "nested=%s\n",
		   n->uncounted ? "nested misses not countable on this kernel" : "counted");
	for (unsigned int i = 0; i < n->cpus; i++)
		counters_print_cpu(b, i, &n->cpu[i]);
}

struct capture_counters counters_since(const struct capture_counters *n,
				       const struct capture_counters *start)
{
	return (struct capture_counters){
		.recorded = n->recorded - start->recorded,
		.lost_ring = n->lost_ring - start->lost_ring,
		.lost_read = n->lost_read - start->lost_read,
		.lost_hold = n->lost_hold - start->lost_hold,
		.held = n->held - start->held,
		.recursion = n->recursion - start->recursion,
		.nmissed = n->nmissed - start->nmissed,
	};
}

void counters_isb(struct buf *b, const struct capture_counters *n)
{
	pcapng_option_u64(b, PCAPNG_ISB_IFRECV, n->recorded + n->held + counters_lost(n));
	pcapng_option_u64(b, PCAPNG_ISB_IFDROP, counters_lost(n));
	pcapng_option_u64(b, PCAPNG_ISB_FILTERACCEPT, n->recorded + counters_lost(n));
	pcapng_option_u64(b, PCAPNG_ISB_OSDROP, n->recursion + n->nmissed);
}

void counters_warn(const struct capture_counters *n, uint32_t max_tracked)
{
	if (n->lost_ring)
		log_warn("%llu hits lost: buffers full (a larger --ring-size or a filter helps)",
			 (unsigned long long)n->lost_ring);
	if (n->lost_read)
		log_warn("%llu hits lost: the skb could not be read",
			 (unsigned long long)n->lost_read);
	if (n->lost_hold)
		log_warn(
			"%llu hits lost: no memory to hold them back (--filter-drop; another filter helps)",
			(unsigned long long)n->lost_hold);
	if (n->lost_map)
		log_warn("%llu hits without a packet number: too many packets at once",
			 (unsigned long long)n->lost_map);
	if (n->evicted)
		log_warn(
			"%llu packets forgotten while they were alive: more than %u at once (--max-tracked)",
			(unsigned long long)n->evicted, max_tracked);
	if (n->recursion)
		log_warn("%llu hits skipped: nested in another hit",
			 (unsigned long long)n->recursion);
	if (n->nmissed)
		log_warn("%llu hits skipped by the kernel's probes: nested in another probe",
			 (unsigned long long)n->nmissed);
	if (n->uncounted)
		log_info("nested misses not countable on this kernel");
}
