/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef COMMON_PCAPNG_H
#define COMMON_PCAPNG_H

/* Numbers of the pcapng format, from draft-ietf-opsawg-pcapng, sections 3 and 4. */

enum pcapng_block_type {
	PCAPNG_IDB = 1,
	PCAPNG_OPB = 2, /* the obsolete Packet Block */
	PCAPNG_SPB = 3,
	PCAPNG_NRB = 4,
	PCAPNG_ISB = 5,
	PCAPNG_EPB = 6,
	PCAPNG_JOURNAL = 9, /* systemd Journal Export Block */
	PCAPNG_DSB = 10,
	PCAPNG_CB = 0xbad,
	PCAPNG_CB_NOCOPY = 0x40000bad,
	PCAPNG_SHB = 0x0a0d0d0a,
};

#define PCAPNG_BYTE_ORDER_MAGIC	 0x1a2b3c4du
#define PCAPNG_LINKTYPE_ETHERNET 1

enum pcapng_option_code {
	PCAPNG_OPT_END = 0,
	PCAPNG_OPT_COMMENT = 1,
	PCAPNG_OPT_CUSTOM_STR = 2988,
	PCAPNG_OPT_CUSTOM = 2989, /* binary, may be copied: ours */
	PCAPNG_OPT_CUSTOM_STR_NOCOPY = 19372,
	PCAPNG_OPT_CUSTOM_NOCOPY = 19373,

	PCAPNG_SHB_HARDWARE = 2,
	PCAPNG_SHB_OS = 3,
	PCAPNG_SHB_USERAPPL = 4,

	PCAPNG_IF_NAME = 2,
	PCAPNG_IF_DESCRIPTION = 3,
	PCAPNG_IF_TSRESOL = 9,
	PCAPNG_IF_TSOFFSET = 14,

	PCAPNG_EPB_FLAGS = 2,
	PCAPNG_EPB_DROPCOUNT = 4,
	PCAPNG_EPB_PACKETID = 5,
	PCAPNG_EPB_VERDICT = 7,

	PCAPNG_ISB_STARTTIME = 2,
	PCAPNG_ISB_ENDTIME = 3,
	PCAPNG_ISB_IFRECV = 4,
	PCAPNG_ISB_IFDROP = 5,
	PCAPNG_ISB_FILTERACCEPT = 6,
	PCAPNG_ISB_OSDROP = 7,
};

#define PCAPNG_EPB_INBOUND  1u
#define PCAPNG_EPB_OUTBOUND 2u

/* Largest block a rewriting tool takes (measured, see FORMAT.md), and largest option value. */
#define PCAPNG_MAX_WRITE_BLOCK 262144u
#define PCAPNG_MAX_OPTION      65535u

#endif
