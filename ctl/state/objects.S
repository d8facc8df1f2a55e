/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* objects.S - the compiled BPF programs as bytes of the binary, one symbol pair a hook. */

.macro object name, file
	.balign 8
	.globl netctl_\name\()_object, netctl_\name\()_object_end
netctl_\name\()_object:
	.incbin "\file"
netctl_\name\()_object_end:
.endm

.section .rodata
object xdp, "xdp/xdp.bpf.o"
object plain_xdp, "xdp/plain.bpf.o"
object tc, "tc/tc.bpf.o"
object plain_tc, "tc/plain.bpf.o"
object nf, "nf/nf.bpf.o"

.section .note.GNU-stack, "", @progbits
