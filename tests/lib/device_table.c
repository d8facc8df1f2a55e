/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* device_table.c - the kinds of network interfaces, each by the commands that make it. */
#include "../../ctl/base/util.h"
#include "device.h"

/* What a tunnel travels by: addresses of w0. */
#define OUTER4(net) "a addr add 10.8." net ".1/24 dev w0", "b addr add 10.8." net ".2/24 dev w0"
#define OUTER6 "a addr add fd08::1/64 dev w0 nodad", "b addr add fd08::2/64 dev w0 nodad"
#define UP(dev) "a link set " dev " up", "b link set " dev " up"

/* "type NAME OPTIONS", each end telling its address, and the other's. */
#define TUNNEL4(dev, type, net)                                                           \
	"a link add " dev " type " type " local 10.8." net ".1 remote 10.8." net ".2",    \
		"b link add " dev " type " type " local 10.8." net ".2 remote 10.8." net ".1"
#define TUNNEL6(dev, type)                                             \
	"a link add " dev " type " type " local fd08::1 remote fd08::2", \
		"b link add " dev " type " type " local fd08::2 remote fd08::1"

/* ESP that hides nothing, in tunnel mode, of either family: the last word, the cipher's key, is empty. */
#define STATE(src, dst, which)                                                                     \
	"xfrm state add src " src " dst " dst " proto esp spi 1 mode tunnel flag af-unspec " which \
	" auth hmac(sha256) 0x00112233445566778899aabbccddeeff enc ecb(cipher_null) "
#define POLICY(way, all, src, dst, which)                                                     \
	"xfrm policy add src " all " dst " all " dir " way " " which " tmpl src " src " dst " dst \
	" proto esp mode tunnel"
#define ESP(a, b, which)                                                              \
	"a " STATE(a, b, which), "a " STATE(b, a, which), "b " STATE(a, b, which),    \
		"b " STATE(b, a, which), "a " POLICY("out", "0.0.0.0/0", a, b, which), \
		"a " POLICY("in", "0.0.0.0/0", b, a, which),                          \
		"b " POLICY("out", "0.0.0.0/0", b, a, which),                         \
		"b " POLICY("in", "0.0.0.0/0", a, b, which),                          \
		"a " POLICY("out", "::/0", a, b, which), "a " POLICY("in", "::/0", b, a, which), \
		"b " POLICY("out", "::/0", b, a, which), "b " POLICY("in", "::/0", a, b, which)

const struct device devices[] = {
	{ "veth", {}, "w0", .peer = "w0" },
	/* A tag that w0 took off is not there for generic XDP. */
	{ "veth-tags",
	  { "a link add link w0 name w0.7 type vlan id 7", "b link add link w0 name w0.7 type vlan id 7",
	    UP("w0.7") },
	  "w0", "w0", .a_address = "w0.7", .b_address = "w0.7", .path = "w0/w0.7", .match = " vlan 7",
	  .tags_off = true, .modes = 1 << MODE_AUTO | 1 << MODE_NATIVE | 1 << MODE_TC, .sees = SEES_IN | SEES_OUT },
	{ "tun", {}, "tun0", "tun0", .tun = "tun", .no_native = true },
	{ "tap", {}, "tap0", "tap0", .tun = "tap" },
	{ "bridge", { "a link add br0 type bridge", "a link set w0 master br0", "a link set br0 up" },
	  "br0", "w0", .no_native = true },
	{ "vlan",
	  { "a link add link w0 name w0.7 type vlan id 7", "b link add link w0 name w0.7 type vlan id 7",
	    UP("w0.7") },
	  "w0.7", "w0.7", .no_native = true },
	{ "vlan-on-bridge",
	  { "a link add br0 type bridge", "a link set w0 master br0", "a link set br0 up",
	    "a link add link br0 name br0.7 type vlan id 7", "a link set br0.7 up",
	    "b link add link w0 name w0.7 type vlan id 7", "b link set w0.7 up" },
	  "br0.7", "w0.7", .below = "br0", .no_native = true },
	{ "macvlan", { "a link add link w0 name mv0 type macvlan mode private", "a link set mv0 up" },
	  "mv0", "w0", .no_native = true },
	{ "ipvlan", { "a link add link w0 name iv0 type ipvlan mode l2", "a link set iv0 up" },
	  "iv0", "w0", .no_native = true },
	/* Below its IP layer there is the parent's, whose OUTPUT sees the packet again. */
	{ "ipvlan-l3",
	  { "a link add link w0 name iv0 type ipvlan mode l3", "a link set iv0 up",
	    "a neigh add 10.9.0.2 lladdr 02:00:00:00:09:02 dev w0",
	    "b neigh add 10.9.0.1 lladdr 02:00:00:00:09:01 dev w0" },
	  "iv0", "w0", .path = "w0/iv0", .families = FOUR, .no_native = true },
	/* What comes in is the parent's until netfilter's INPUT. */
	{ "ipvlan-l3s",
	  { "a link add link w0 name iv0 type ipvlan mode l3s", "a link set iv0 up",
	    "a neigh add 10.9.0.2 lladdr 02:00:00:00:09:02 dev w0",
	    "b neigh add 10.9.0.1 lladdr 02:00:00:00:09:01 dev w0" },
	  "iv0", "w0", .path = "w0/iv0", .families = FOUR, .no_native = true,
	  .sees = SEES_OUT | SEES_OUTPUT },
	{ "bond",
	  { "a link add bond0 type bond mode active-backup miimon 100", "a link set w0 down",
	    "a link set w0 master bond0", "a link set bond0 up" },
	  "bond0", "w0", .no_native = true },
	{ "team",
	  { "a link add team0 type team", "A teamnl team0 setoption mode roundrobin", "a link set w0 down",
	    "a link set w0 master team0", "a link set team0 up" },
	  "team0", "w0", .no_native = true },
	/* What comes in is the port's alone; what goes out passes the device only where it has a queue. */
	{ "vrf",
	  { "a link add vrf1 type vrf table 10", "a link set vrf1 up", "a link set w0 master vrf1" },
	  "vrf1", "w0", .a_address = "w0", .bound = "vrf1", .path = "w0/vrf1", .no_native = true,
	  .sees = SEES_OUTPUT },
	{ "dummy", { "a link add dummy0 type dummy", "a link set dummy0 up" },
	  "dummy0", NULL, .no_native = true, .sees = SEES_OUT | SEES_OUTPUT },
	{ "vxlan",
	  { OUTER4("1"),
	    "a link add vx0 type vxlan id 5 local 10.8.1.1 remote 10.8.1.2 dstport 4789 srcport 4789 4790",
	    "b link add vx0 type vxlan id 5 local 10.8.1.2 remote 10.8.1.1 dstport 4789 srcport 4789 4790",
	    UP("vx0 mtu 1400") },
	  "vx0", "vx0", .no_native = true },
	{ "geneve",
	  { OUTER4("4"), "a link add gn0 type geneve id 5 remote 10.8.4.2",
	    "b link add gn0 type geneve id 5 remote 10.8.4.1", UP("gn0 mtu 1400") },
	  "gn0", "gn0", .no_native = true },
	{ "gretap", { OUTER4("3"), TUNNEL4("gt1", "gretap", "3"), UP("gt1") }, "gt1", "gt1",
	  .no_native = true },
	{ "ip6gretap", { OUTER6, TUNNEL6("gt6", "ip6gretap"), UP("gt6") }, "gt6", "gt6", .no_native = true },
	{ "gre", { OUTER4("2"), TUNNEL4("gre1", "gre", "2"), UP("gre1") }, "gre1", "gre1", .no_native = true },
	/* Without a remote each packet has its outer header before it at the device. */
	{ "gre-to-many",
	  { OUTER4("2"), "a link add gre1 type gre local 10.8.2.1", "b link add gre1 type gre local 10.8.2.2",
	    UP("gre1"), "a neigh add 10.9.0.2 lladdr 10.8.2.2 dev gre1",
	    "b neigh add 10.9.0.1 lladdr 10.8.2.1 dev gre1" },
	  "gre1", "gre1", .families = FOUR, .no_native = true },
	{ "ip6gre", { OUTER6, TUNNEL6("g61", "ip6gre"), UP("g61") }, "g61", "g61", .no_native = true },
	{ "ipip", { OUTER4("4"), TUNNEL4("ipip1", "ipip", "4"), UP("ipip1") }, "ipip1", "ipip1",
	  .families = FOUR, .no_native = true },
	{ "sit", { OUTER4("4"), TUNNEL4("sit1", "sit mode any", "4"), UP("sit1") }, "sit1", "sit1",
	  .no_native = true },
	{ "ip6tnl", { OUTER6, TUNNEL6("t61", "ip6tnl mode any"), UP("t61") }, "t61", "t61", .no_native = true },
	/* What comes in through ESP has the Ethernet header before it that the ESP packet had, where it had one. */
	{ "vti",
	  { OUTER4("4"), TUNNEL4("vti1", "vti key 5", "4"), UP("vti1 mtu 1300"),
	    ESP("10.8.4.1", "10.8.4.2", "mark 5") },
	  "vti1", "vti1", .no_native = true },
	{ "vti6",
	  { OUTER6, TUNNEL6("vti6", "vti6 key 5"), UP("vti6 mtu 1300"), ESP("fd08::1", "fd08::2", "mark 5") },
	  "vti6", "vti6", .no_native = true },
	{ "xfrm",
	  { OUTER4("4"), "a link add xf1 type xfrm dev w0 if_id 5", "b link add xf1 type xfrm dev w0 if_id 5",
	    UP("xf1 mtu 1300"), ESP("10.8.4.1", "10.8.4.2", "if_id 5") },
	  "xf1", "xf1", .no_native = true },
	{ "wireguard",
	  { OUTER4("4"), "a link add wg0 type wireguard", "b link add wg0 type wireguard",
	    "A wg setconf wg0 tests/lib/wireguard.a", "B wg setconf wg0 tests/lib/wireguard.b", UP("wg0") },
	  "wg0", "wg0", .no_native = true },
};

const size_t device_count = ARRAY_SIZE(devices);
