/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* blob_read.h - the list of rules that a blob was compiled from, read back. */
#ifndef NETCTL_BLOB_READ_H
#define NETCTL_BLOB_READ_H

#include "../rules/ruleset.h"

/* Read back the list a blob was compiled from. -EPROTO when the blob is not ours. */
int ruleset_load(const struct blob *blob, struct ruleset *ret, struct fault *fault);

#endif
