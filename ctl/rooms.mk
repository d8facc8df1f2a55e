# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The rooms of the house, bottom to top, and which others each may see: include their headers and call their functions.
# The makefile links each by itself with these and what they stand on; tests/check_rooms reads this table, too.
ROOMS := base rules text compile check state tc nf xdp live stats attach import cmd

sees_base    :=
sees_rules   := base
sees_text    := base rules
sees_compile := base rules text
sees_check   := base rules
sees_state   := base
sees_tc      := base state
sees_nf      := base state
sees_xdp     := base state tc
sees_live    := base rules text compile check state
sees_stats   := base rules text state live
sees_attach  := base rules text state tc nf xdp live stats
sees_import  := base rules text compile
sees_cmd     := base rules text compile check state live stats attach import
