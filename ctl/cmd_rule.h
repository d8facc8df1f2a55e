/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cmd_rule.h - what the files of "netctl rule" share. */
#ifndef NETCTL_CMD_RULE_H
#define NETCTL_CMD_RULE_H

/* "netctl rule list ..."; argv[0] is "list". Returns an enum exit_code. */
int run_rule_list(int argc, char **argv);

#endif
