// SPDX-License-Identifier: GPL-2.0-only
/*
 * How an skb begins and ends in the kernel (net/core/skbuff.c): __alloc_skb() and the build_skb()
 * family fill in fresh memory, some of them through __build_skb_around(); somebody gives up a
 * reference (kfree_skb*, sk_skb_reason_drop, consume_skb, …); with the last one __kfree_skb() or a
 * batching cousin takes it apart: skb_release_all() -> skb_release_head_state() (calls the
 * destructor) and skb_release_data(); kfree_skbmem() or napi_skb_cache_put() gives the memory back.
 * Kernels differ in which of these are functions of their own, so each that is there is used.
 */
#include "record/role.h"

#include <stddef.h>
#include <string.h>

#include "common/event.h"

#define TAKES_APART (FUNC_ROLE_DYING | FUNC_ROLE_RELEASE)

static const struct {
	const char *name;
	uint16_t roles;
} known[] = {
	{"pskb_expand_head", FUNC_ROLE_BUFFER},
	{"__alloc_skb", FUNC_ROLE_ALLOC},
	{"slab_build_skb", FUNC_ROLE_ALLOC},
	{"__build_skb_around", FUNC_ROLE_ALLOC},
	{"build_skb_around", FUNC_ROLE_ALLOC},
	{"__xdp_build_skb_from_frame", FUNC_ROLE_ALLOC},

	{"kfree_skbmem", FUNC_ROLE_FREE | FUNC_ROLE_RELEASE},
	{"napi_skb_cache_put", FUNC_ROLE_FREE | FUNC_ROLE_RELEASE},

	{"__kfree_skb", TAKES_APART},
	{"__kfree_skb_defer", TAKES_APART},
	{"__napi_kfree_skb", TAKES_APART},
	{"kfree_skb_add_bulk", TAKES_APART},
	{"kfree_skb_partial", TAKES_APART},
	{"napi_skb_free_stolen_head", TAKES_APART},
	{"skb_release_all", TAKES_APART},
	{"skb_release_head_state", TAKES_APART},
	{"napi_reuse_skb", TAKES_APART},

	{"skb_release_data", FUNC_ROLE_RELEASE},
	{"skb_free_head", FUNC_ROLE_RELEASE},
	{"sock_wfree", FUNC_ROLE_RELEASE},
	{"__sock_wfree", FUNC_ROLE_RELEASE},
	{"sock_rfree", FUNC_ROLE_RELEASE},
	{"sock_efree", FUNC_ROLE_RELEASE},
	{"sock_ofree", FUNC_ROLE_RELEASE},
	{"sock_pfree", FUNC_ROLE_RELEASE},
	{"sock_edemux", FUNC_ROLE_RELEASE},
	{"tcp_wfree", FUNC_ROLE_RELEASE},
	{"unix_destruct_scm", FUNC_ROLE_RELEASE},
	{"netlink_skb_destructor", FUNC_ROLE_RELEASE},
	{"tpacket_destruct_skb", FUNC_ROLE_RELEASE},
	{"xsk_destruct_skb", FUNC_ROLE_RELEASE},
	{"skb_pp_recycle", FUNC_ROLE_RELEASE},
	{"skb_attempt_defer_free", FUNC_ROLE_RELEASE},
	{"mptcp_rfree", FUNC_ROLE_RELEASE},
	{"sctp_wfree", FUNC_ROLE_RELEASE},
	{"sctp_sock_rfree", FUNC_ROLE_RELEASE},
	{"msg_zerocopy_callback", FUNC_ROLE_RELEASE},
	{"msg_zerocopy_complete", FUNC_ROLE_RELEASE},
	{"io_tx_ubuf_complete", FUNC_ROLE_RELEASE},
	{"vhost_zerocopy_callback", FUNC_ROLE_RELEASE},
	{"vhost_zerocopy_complete", FUNC_ROLE_RELEASE},

	{"kfree_skb", FUNC_ROLE_DROP},
	{"kfree_skb_list", FUNC_ROLE_DROP},
	{"tcp_drop", FUNC_ROLE_DROP},

	{"consume_skb", FUNC_ROLE_CONSUME},
	{"__consume_stateless_skb", FUNC_ROLE_CONSUME | FUNC_ROLE_RELEASE},
	{"napi_consume_skb", FUNC_ROLE_CONSUME | FUNC_ROLE_RELEASE},
	{"skb_consume_udp", FUNC_ROLE_CONSUME},
};

uint16_t role_of_function(const char *name, bool has_reason)
{
	uint16_t roles = 0;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(known[i].name, name))
			roles = known[i].roles;
	/*
	 * Functions that take a packet apart are given a reason too, but a made-up one when it was
	 * consumed; only those that decide are believed.
	 */
	if (!strcmp(name, "__napi_kfree_skb"))
		return roles; /* handed on by who decided */
	if (has_reason && (strstr(name, "drop") || strstr(name, "kfree_skb")))
		roles = (roles & ~FUNC_ROLE_DROP) | FUNC_ROLE_REASON;
	return roles;
}

bool role_is_lifecycle(uint16_t roles)
{
	return roles & (FUNC_ROLE_ALLOC | FUNC_ROLE_BUFFER | FUNC_ROLE_FREE | FUNC_ROLE_DYING |
			FUNC_ROLE_REASON | FUNC_ROLE_DROP | FUNC_ROLE_CONSUME);
}

uint16_t role_of_tracepoint(const char *name, bool has_reason)
{
	if (!strcmp(name, "kfree_skb"))
		return FUNC_ROLE_FREE | (has_reason ? FUNC_ROLE_REASON : FUNC_ROLE_DROP);
	if (!strcmp(name, "consume_skb"))
		return FUNC_ROLE_FREE | FUNC_ROLE_CONSUME;
	if (!strcmp(name, "netif_receive_skb"))
		return FUNC_ROLE_ENTER | FUNC_ROLE_RECEIVE;
	if (!strncmp(name, "netif_r", 7) || !strncmp(name, "napi_gro_", 9))
		return FUNC_ROLE_ENTER;
	if (!strcmp(name, "net_dev_start_xmit"))
		return FUNC_ROLE_XMIT;
	return 0;
}
