# SPDX-License-Identifier: GPL-2.0-only
# Debug information as no compiler makes it: 20,000 functions that share one list of 20,000 ranges.
	.text
	.globl	_start
_start:
	.skip	0x20000, 0x90
end:
	.section .debug_abbrev,"",@progbits
	.uleb128 1, 0x11	# compile unit, with children: low_pc, high_pc
	.byte	1
	.uleb128 0x11, 0x01, 0x12, 0x06, 0, 0
	.uleb128 2, 0x2e	# subprogram: ranges
	.byte	0
	.uleb128 0x55, 0x17, 0, 0
	.uleb128 0
	.section .debug_info,"",@progbits
	.long	2f - 1f
1:	.value	4
	.long	0
	.byte	8
	.uleb128 1
	.quad	_start
	.long	end - _start
	.rept	20000
	.uleb128 2
	.long	0
	.endr
	.byte	0
2:
	.section .debug_ranges,"",@progbits
	.set	at, 0
	.rept	20000
	.quad	at, at + 2
	.set	at, at + 4
	.endr
	.quad	0, 0
