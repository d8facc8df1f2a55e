/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * names.c - names of protocols, ethertypes, ICMP types, services and the words of the rule
 * language.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "names.h"
#include "rule.h"

/*
 * Built in, so that a rule reads the same in a container without /etc/protocols. Not "ipip": to
 * /etc/protocols, iptables and nft that is 94, but what tunnels of mode ipip send is 4. So 94 has no
 * name here and is printed as a number.
 */
const struct name protocol_names[] = {
	{0, "hopopt"},	    {1, "icmp"},	      {2, "igmp"},	 {4, "ipencap"},
	{6, "tcp"},	    {8, "egp"},		      {9, "igp"},	 {17, "udp"},
	{27, "rdp"},	    {33, "dccp"},	      {41, "ipv6"},	 {43, "ipv6-route"},
	{44, "ipv6-frag"},  {46, "rsvp"},	      {47, "gre"},	 {50, "esp"},
	{51, "ah"},	    {58, "icmpv6"},	      {58, "ipv6-icmp"}, {58, "icmp6"},
	{59, "ipv6-nonxt"}, {60, "ipv6-opts"},	      {88, "eigrp"},	 {89, "ospf"},
	{97, "etherip"},    {103, "pim"},	      {108, "ipcomp"},	 {112, "vrrp"},
	{112, "carp"},	    {115, "l2tp"},	      {124, "isis"},	 {132, "sctp"},
	{133, "fc"},	    {135, "mobility-header"}, {136, "udplite"},	 {137, "mpls-in-ip"},
	{138, "manet"},	    {139, "hip"},	      {140, "shim6"},	 {141, "wesp"},
	{142, "rohc"},	    {143, "ethernet"},
	{0, NULL},
};

/*
 * No VLAN tags: matches see through them. LLC is the kernel's own number for 802.3 frames with a
 * length.
 */
const struct name ethertype_names[] = {
	{0x0004, "llc"},
	{0x0800, "ip"},
	{0x0800, "ip4"},
	{0x0800, "ipv4"},
	{0x0806, "arp"},
	{0x0842, "wol"},
	{0x22ea, "srp"},
	{0x4305, "batman"},
	{0x8035, "rarp"},
	{0x809b, "appletalk"},
	{0x80f3, "aarp"},
	{0x8137, "ipx"},
	{0x86dd, "ip6"},
	{0x86dd, "ipv6"},
	{0x8808, "pause"},
	{0x8809, "lacp"},
	{0x8847, "mpls"},
	{0x8848, "mpls-multicast"},
	{0x8863, "pppoe-discovery"},
	{0x8864, "pppoe"},
	{0x888e, "eapol"},
	{0x8892, "profinet"},
	{0x88a2, "aoe"},
	{0x88a4, "ethercat"},
	{0x88cc, "lldp"},
	{0x88e5, "macsec"},
	{0x88f7, "ptp"},
	{0x8902, "cfm"},
	{0x8906, "fcoe"},
	{0x8914, "fip"},
	{0x8915, "roce"},
	{0x892f, "hsr"},
	{0x9000, "loopback"},
	{0, NULL},
};

/*
 * A name that both ICMPs have must be the first name of its number in this table: rule_print.c
 * relies on it.
 */
const struct name icmp4_names[] = {
	{0, "echo-reply"},	     {3, "destination-unreachable"},
	{4, "source-quench"},	     {5, "redirect"},
	{8, "echo-request"},	     {9, "router-advertisement"},
	{10, "router-solicitation"}, {11, "time-exceeded"},
	{12, "parameter-problem"},   {13, "timestamp-request"},
	{14, "timestamp-reply"},     {15, "info-request"},
	{16, "info-reply"},	     {17, "address-mask-request"},
	{18, "address-mask-reply"},  {42, "extended-echo-request"},
	{43, "extended-echo-reply"}, {0, NULL},
};

const struct name icmp6_names[] = {
	{1, "destination-unreachable"},
	{2, "packet-too-big"},
	{3, "time-exceeded"},
	{4, "parameter-problem"},
	{128, "echo-request"},
	{129, "echo-reply"},
	{130, "mld-listener-query"},
	{131, "mld-listener-report"},
	{132, "mld-listener-done"},
	{132, "mld-listener-reduction"},
	{133, "nd-router-solicit"},
	{133, "router-solicitation"},
	{134, "nd-router-advert"},
	{134, "router-advertisement"},
	{135, "nd-neighbor-solicit"},
	{135, "neighbor-solicitation"},
	{135, "neighbour-solicitation"},
	{136, "nd-neighbor-advert"},
	{136, "neighbor-advertisement"},
	{136, "neighbour-advertisement"},
	{137, "nd-redirect"},
	{137, "redirect"},
	{138, "router-renumbering"},
	{141, "ind-neighbor-solicit"},
	{142, "ind-neighbor-advert"},
	{143, "mld2-listener-report"},
	{160, "extended-echo-request"},
	{161, "extended-echo-reply"},
	{0, NULL},
};

/* RFC 2474, 2597, 3246, 5865, 8622. */
const struct name dscp_names[] = {
	{0, "cs0"},   {0, "be"},    {1, "le"},    {8, "cs1"},	  {10, "af11"}, {12, "af12"}, {14, "af13"},
	{16, "cs2"},  {18, "af21"}, {20, "af22"}, {22, "af23"}, {24, "cs3"},  {26, "af31"},
	{28, "af32"}, {30, "af33"}, {32, "cs4"},  {34, "af41"}, {36, "af42"}, {38, "af43"},
	{40, "cs5"},  {44, "va"},   {46, "ef"},	  {48, "cs6"},	{56, "cs7"},  {0, NULL},
};

/* Typed only; ports print as numbers. What is not here is looked for in the system's services. */
const struct name service_names[] = {
	{7, "echo"},
	{9, "discard"},
	{20, "ftp-data"},
	{21, "ftp"},
	{22, "ssh"},
	{23, "telnet"},
	{25, "smtp"},
	{37, "time"},
	{43, "whois"},
	{49, "tacacs"},
	{53, "domain"},
	{53, "dns"},
	{67, "bootps"},
	{67, "dhcp"},
	{68, "bootpc"},
	{69, "tftp"},
	{79, "finger"},
	{80, "http"},
	{88, "kerberos"},
	{110, "pop3"},
	{111, "sunrpc"},
	{119, "nntp"},
	{123, "ntp"},
	{137, "netbios-ns"},
	{138, "netbios-dgm"},
	{139, "netbios-ssn"},
	{143, "imap"},
	{143, "imap2"},
	{161, "snmp"},
	{162, "snmp-trap"},
	{179, "bgp"},
	{389, "ldap"},
	{443, "https"},
	{445, "microsoft-ds"},
	{465, "submissions"},
	{500, "isakmp"},
	{514, "syslog"},
	{515, "printer"},
	{520, "route"},
	{546, "dhcpv6-client"},
	{547, "dhcpv6-server"},
	{554, "rtsp"},
	{587, "submission"},
	{631, "ipp"},
	{636, "ldaps"},
	{853, "domain-s"},
	{873, "rsync"},
	{989, "ftps-data"},
	{990, "ftps"},
	{993, "imaps"},
	{995, "pop3s"},
	{1194, "openvpn"},
	{1433, "ms-sql-s"},
	{1812, "radius"},
	{1813, "radius-acct"},
	{1883, "mqtt"},
	{2049, "nfs"},
	{3306, "mysql"},
	{3389, "rdp"},
	{4500, "ipsec-nat-t"},
	{4789, "vxlan"},
	{5060, "sip"},
	{5061, "sip-tls"},
	{5353, "mdns"},
	{5432, "postgresql"},
	{5672, "amqp"},
	{6081, "geneve"},
	{6379, "redis"},
	{8080, "http-alt"},
	{8883, "secure-mqtt"},
	{0, NULL},
};

const struct name tcp_flag_names[] = {
	{0x01, "fin"}, {0x02, "syn"}, {0x04, "rst"}, {0x08, "psh"}, {0x10, "ack"},
	{0x20, "urg"}, {0x40, "ece"}, {0x80, "cwr"}, {0, NULL},
};

const struct name hook_names[] = {
#define X(id, name, text) {HOOK_##id, name},
	NETCTL_HOOKS(X)
#undef X
		{0, NULL},
};

const struct name verdict_names[] = {
#define X(id, name) {VERDICT_##id, name},
	NETCTL_VERDICTS(X)
#undef X
		{0, NULL},
};

const struct name set_type_names[] = {
	{ SET_ADDRESSES, "addresses" },
	{ SET_PORTS, "ports" },
	{ SET_SERVICES, "services" },
	{ 0, NULL },
};

const struct name action_names[] = {
#define X(id, word) {ACTION_##id, word},
	RULE_ACTIONS(X)
#undef X
		{0, NULL},
};

const uint8_t port_protocols[5] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_DCCP, IPPROTO_SCTP,
				    IPPROTO_UDPLITE };

bool protocol_has_ports(uint32_t protocol)
{
	for (size_t i = 0; i < ARRAY_SIZE(port_protocols); i++)
		if (protocol == port_protocols[i])
			return true;
	return false;
}

const char *icmp_type_name(int family, uint8_t type)
{
	return name_text(family == 6 ? icmp6_names : icmp4_names, type);
}

int icmp_type_number(int family, const char *name)
{
	return name_number(family == 6 ? icmp6_names : icmp4_names, name);
}
