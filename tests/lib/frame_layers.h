/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* frame_layers.h - the headers that frame.c can build, and the fields of each. */
#ifndef NETCTL_TESTS_FRAME_LAYERS_H
#define NETCTL_TESTS_FRAME_LAYERS_H

enum layer_id {
	L_ETH,
	L_TAG,
	L_IP4,
	L_IP6,
	L_EXT,
	L_FRAG6,
	L_TCP,
	L_PORTS,
	L_ICMP,
	L_OTHER,
};

#define NONE (-1)

/* How a word becomes a header: its bytes, and the number by which the one before announces it. */
static const struct layer {
	const char *name;
	enum layer_id id;
	int ethertype, protocol;
	int next_at, next_width; /* the field that announces the layer after this one */
	int size;
	const char *bytes; /* the first bytes; the rest is zero */
	int bytes_len;
} layers[] = {
#define BYTES(s) s, sizeof(s) - 1
	{"eth", L_ETH, 0x6558, NONE, 12, 2, 14, BYTES("\x02\0\0\0\0\x02\x02\0\0\0\0\x01")},
	{"vlan", L_TAG, 0x8100, NONE, 2, 2, 4, BYTES("")},
	{"ad", L_TAG, 0x88a8, NONE, 2, 2, 4, BYTES("")},
	{"qq", L_TAG, 0x9100, NONE, 2, 2, 4, BYTES("")},
	{"ip4", L_IP4, 0x0800, 4, 9, 1, 20,
	 BYTES("\x45\0\0\0\0\x01\0\0\x40\0\0\0\xc0\0\x02\x01\xc0\0\x02\x02")},
	{"ip6", L_IP6, 0x86dd, 41, 6, 1, 40,
	 BYTES("\x60\0\0\0\0\0\0\x40\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"
	       "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02")},
	{"hbh", L_EXT, NONE, 0, 0, 1, 8, BYTES("\0\0\x01\x04")},
	{"rthdr", L_EXT, NONE, 43, 0, 1, 8, BYTES("")},
	{"dstopt", L_EXT, NONE, 60, 0, 1, 8, BYTES("\0\0\x01\x04")},
	{"ah", L_EXT, NONE, 51, 0, 1, 24, BYTES("\0\x04\0\0\0\0\0\x01")},
	{"mobility", L_EXT, NONE, 135, 0, 1, 8, BYTES("\x3b")},
	{"hip", L_EXT, NONE, 139, 0, 1, 8, BYTES("\x3b")},
	{"shim6", L_EXT, NONE, 140, 0, 1, 8, BYTES("\x3b")},
	{"frag6", L_FRAG6, NONE, 44, 0, 1, 8, BYTES("\0\0\0\0\0\0\0\x01")},
	{"tcp", L_TCP, NONE, 6, NONE, 0, 20,
	 BYTES("\x03\xe8\x07\xd0\0\0\0\x01\0\0\0\x01\x50\x10\xff\xff")},
	{"udp", L_PORTS, NONE, 17, NONE, 0, 8, BYTES("\x03\xe8\x07\xd0")},
	{"udplite", L_PORTS, NONE, 136, NONE, 0, 8, BYTES("\x03\xe8\x07\xd0")},
	{"sctp", L_PORTS, NONE, 132, NONE, 0, 12, BYTES("\x03\xe8\x07\xd0")},
	{"dccp", L_PORTS, NONE, 33, NONE, 0, 16, BYTES("\x03\xe8\x07\xd0")},
	{"icmp", L_ICMP, NONE, 1, NONE, 0, 8, BYTES("\x08\0\0\0\0\x07\0\x01")},
	{"icmp6", L_ICMP, NONE, 58, NONE, 0, 8, BYTES("\x80\0\0\0\0\x07\0\x01")},
	{"igmp", L_OTHER, NONE, 2, NONE, 0, 8, BYTES("\x16")},
	{"gre", L_OTHER, NONE, 47, 2, 2, 4, BYTES("")},
	{"esp", L_OTHER, NONE, 50, NONE, 0, 8, BYTES("\0\0\0\x01\0\0\0\x01")},
	{"arp", L_OTHER, 0x0806, NONE, NONE, 0, 28, BYTES("\0\x01\x08\0\x06\x04\0\x01")},
	{"llc", L_OTHER, NONE, NONE, NONE, 0, 3, BYTES("\x42\x42\x03")},
#undef BYTES
};

enum form {
	FORM_NUMBER, /* "width" bytes in network order */
	FORM_NEXT,   /* the same, and the next layer leaves it alone */
	FORM_MAC,
	FORM_IP4,
	FORM_IP6,
	FORM_HIGH,   /* high nibble of one byte */
	FORM_BIT,    /* a word without value: sets "width" in the byte */
	FORM_CLASS,  /* the byte across the first two that IPv6 has for IPv4's TOS */
	FORM_OFFSET, /* IPv4 fragment offset in units of 8 bytes, below the flag bits */
	FORM_FLAGS,  /* TCP flags by letter */
	FORM_IHL,    /* IPv4 header words: options of NOPs when more than 5 */
	FORM_DOFF,   /* the same for TCP */
	FORM_GROW,   /* extension header length field, and that many bytes */
	FORM_LEN,    /* length field: N, or +N or -N to what it would be */
};

static const struct attribute {
	enum layer_id layer;
	const char *name;
	enum form form;
	int at, width;
} attributes[] = {
	{L_ETH, "dst", FORM_MAC, 0, 6},	       {L_ETH, "src", FORM_MAC, 6, 6},
	{L_ETH, "type", FORM_NEXT, 12, 2},     {L_TAG, "type", FORM_NEXT, 2, 2},
	{L_IP4, "version", FORM_HIGH, 0, 0},   {L_IP4, "ihl", FORM_IHL, 0, 0},
	{L_IP4, "tos", FORM_NUMBER, 1, 1},     {L_IP4, "len", FORM_LEN, 2, 2},
	{L_IP4, "id", FORM_NUMBER, 4, 2},      {L_IP4, "df", FORM_BIT, 6, 0x40},
	{L_IP4, "mf", FORM_BIT, 6, 0x20},      {L_IP4, "evil", FORM_BIT, 6, 0x80},
	{L_IP4, "frag", FORM_OFFSET, 6, 2},    {L_IP4, "ttl", FORM_NUMBER, 8, 1},
	{L_IP4, "proto", FORM_NEXT, 9, 1},     {L_IP4, "src", FORM_IP4, 12, 4},
	{L_IP4, "dst", FORM_IP4, 16, 4},       {L_IP6, "version", FORM_HIGH, 0, 0},
	{L_IP6, "tos", FORM_CLASS, 0, 0},      {L_IP6, "len", FORM_LEN, 4, 2},
	{L_IP6, "next", FORM_NEXT, 6, 1},
	{L_IP6, "hlim", FORM_NUMBER, 7, 1},    {L_IP6, "src", FORM_IP6, 8, 16},
	{L_IP6, "dst", FORM_IP6, 24, 16},      {L_EXT, "next", FORM_NEXT, 0, 1},
	{L_EXT, "len", FORM_GROW, 1, 8},       {L_EXT, "lenfield", FORM_NUMBER, 1, 1},
	{L_FRAG6, "next", FORM_NEXT, 0, 1},    {L_FRAG6, "mf", FORM_BIT, 3, 1},
	{L_FRAG6, "id", FORM_NUMBER, 4, 4},    {L_TCP, "sport", FORM_NUMBER, 0, 2},
	{L_TCP, "dport", FORM_NUMBER, 2, 2},   {L_TCP, "seq", FORM_NUMBER, 4, 4},
	{L_TCP, "doff", FORM_DOFF, 12, 0},     {L_TCP, "flags", FORM_FLAGS, 13, 1},
	{L_PORTS, "sport", FORM_NUMBER, 0, 2}, {L_PORTS, "dport", FORM_NUMBER, 2, 2},
	{L_PORTS, "len", FORM_LEN, 4, 2},      {L_ICMP, "type", FORM_NUMBER, 0, 1},
	{L_ICMP, "code", FORM_NUMBER, 1, 1},   {L_ICMP, "id", FORM_NUMBER, 4, 2},
};

#endif
