/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* blob_layout.h - the boxes of one family as packets meet them, in a blob and its parts. */
#ifndef NETCTL_BLOB_LAYOUT_H
#define NETCTL_BLOB_LAYOUT_H

#include "blob_write.h"

/* -E2BIG when the boxes make no forest, -ENOSPC beyond BLOB_MAX. */
int blob_put_boxes(struct blob_writer *w, enum family family, const struct compiled *compiled);
/* The same of what packets that do not show all might match. */
int blob_put_might(struct blob_writer *w, const struct compiled *compiled);

#endif
