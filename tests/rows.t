# One row a line: RULES | PACKET | VERDICT, REASON | FLOW | HOOKS
#
# RULES    rule texts between ";", in order; "-" for none; "policy drop"; "N * RULE" puts it in N times with % as 0, 1, ...
# PACKET   layers in order, each followed by its fields; lengths and next-header fields are filled in unless given:
#   eth        src= dst= type=
#   vlan=ID    also vlan=ID:PRIO, ad=ID (0x88a8), qq=ID (0x9100); type=
#   ip4        192.0.2.1 to 192.0.2.2; src= dst= ttl= tos= id= proto= df mf frag=UNITS (of 8 bytes)
#              ihl=WORDS (options when more than 5) version= len=N, len=+N or len=-N (off from what is right)
#   ip6        2001:db8::1 to 2001:db8::2; src= dst= tos= hlim= next= version= len=
#   hbh rthdr dstopt ah mobility hip shim6   =COUNT; len=N more units, lenfield=N the field alone; next=
#   frag6=UNITS  mf id= next=
#   tcp udp udplite sctp dccp    port 1000 to 2000; sport= dport=; tcp: flags=FSRPAUEC (default A) doff= seq=; udp: len=
#   icmp icmp6   echo request with id 7; type= code= id=
#   igmp gre esp arp llc
#   payload=N  raw=HEX  then no more layers; pad=N bytes after the packet; cut=N the frame ends after N bytes
#   mark=N     the packet's mark at tc and nf; xdp has none
# VERDICT  pass or drop; then the reason's name (NETCTL_REASONS of bpf/types.h)
# FLOW     what the table then holds, as one flow of one packet and the frame's bytes:
#   PROTO SRC[:PORT] DST[:PORT]   or   other ETHERTYPE;   then any of
#   vlan OUTER[.INNER]   type T/C   id N (ICMP)   flags LETTERS|none   by N (the rule that decides; 0 the policy)   audit N
# HOOKS    which; default: all where the packet can exist (at OUTPUT: IP without tags, and from the IP header on);
#   bare: xdp and tc of devices without Ethernet header alone, where rows without "ether" run, too

# ---- plain packets, no rules ----
- | eth ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000 by policy
- | eth ip4 udp dport=53 payload=40 | pass, ok | udp 192.0.2.1:1000 192.0.2.2:53
- | eth ip4 tcp | pass, ok | tcp 192.0.2.1:1000 192.0.2.2:2000 flags A
- | eth ip4 tcp flags=SA payload=5 | pass, ok | tcp 192.0.2.1:1000 192.0.2.2:2000 flags SA
- | eth ip4 tcp flags= | pass, ok | tcp 192.0.2.1:1000 192.0.2.2:2000 flags none
- | eth ip4 tcp flags=FSRPAUEC | pass, ok | tcp 192.0.2.1:1000 192.0.2.2:2000 flags FSRPAUEC
- | eth ip4 tcp doff=15 payload=9 | pass, ok | tcp 192.0.2.1:1000 192.0.2.2:2000
- | eth ip4 sctp | pass, ok | sctp 192.0.2.1:1000 192.0.2.2:2000
- | eth ip4 dccp sport=7 dport=9 | pass, ok | dccp 192.0.2.1:7 192.0.2.2:9
- | eth ip4 udplite sport=65535 dport=1 | pass, ok | udplite 192.0.2.1:65535 192.0.2.2:1
- | eth ip4 icmp | pass, ok | icmp 192.0.2.1 192.0.2.2 type 8/0 id 7
- | eth ip4 icmp type=0 id=65535 | pass, ok | icmp 192.0.2.1 192.0.2.2 type 0/0 id 65535
- | eth ip4 icmp type=3 code=1 id=7 | pass, ok | icmp 192.0.2.1 192.0.2.2 type 3/1
- | eth ip4 icmp type=11 code=0 payload=28 | pass, ok | icmp 192.0.2.1 192.0.2.2 type 11/0
- | eth ip4 igmp | pass, ok | igmp 192.0.2.1 192.0.2.2
- | eth ip4 proto=58 raw=8000000000070001 | pass, ok | 58 192.0.2.1 192.0.2.2
- | eth ip4 proto=253 payload=8 | pass, ok | 253 192.0.2.1 192.0.2.2
- | eth ip4 proto=0 | pass, ok | 0 192.0.2.1 192.0.2.2
- | eth ip4 esp | pass, ok | esp 192.0.2.1 192.0.2.2
- | eth ip4 proto=51 raw=110400000000000100000001000000000000000000000000 payload=8 | pass, ok | ah 192.0.2.1 192.0.2.2
- | eth ip4 gre ip4 dst=10.0.0.5 udp dport=53 | pass, ok | gre 192.0.2.1 192.0.2.2
- | eth ip4 ip4 dst=10.0.0.5 udp dport=53 | pass, ok | 4 192.0.2.1 192.0.2.2
- | eth ip4 ip6 udp dport=53 | pass, ok | 41 192.0.2.1 192.0.2.2
- | eth ip4 udp dport=4789 payload=50 | pass, ok | udp 192.0.2.1:1000 192.0.2.2:4789
- | eth ip4 src=0.0.0.0 dst=255.255.255.255 udp sport=68 dport=67 | pass, ok | udp 0.0.0.0:68 255.255.255.255:67
- | eth ip4 udp sport=0 dport=0 | pass, ok | udp 192.0.2.1:0 192.0.2.2:0
- | eth ip4 udp payload=1400 | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000
- | eth ip4 udp payload=8900 | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000 | xdp
- | eth ip6 udp | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:2000
- | eth ip6 tcp flags=S | pass, ok | tcp [2001:db8::1]:1000 [2001:db8::2]:2000 flags S
- | eth ip6 sctp sport=1 dport=2 | pass, ok | sctp [2001:db8::1]:1 [2001:db8::2]:2
- | eth ip6 icmp6 | pass, ok | icmpv6 2001:db8::1 2001:db8::2 type 128/0 id 7
- | eth ip6 icmp6 type=129 id=9 | pass, ok | icmpv6 2001:db8::1 2001:db8::2 type 129/0 id 9
- | eth ip6 src=fe80::1 dst=ff02::1:ff00:2 icmp6 type=135 | pass, ok | icmpv6 fe80::1 ff02::1:ff00:2 type 135/0
- | eth ip6 next=1 raw=0800000000070001 | pass, ok | 1 2001:db8::1 2001:db8::2
- | eth ip6 next=59 | pass, ok | 59 2001:db8::1 2001:db8::2
- | eth ip6 next=253 payload=16 | pass, ok | 253 2001:db8::1 2001:db8::2
- | eth ip6 esp payload=16 | pass, ok | esp 2001:db8::1 2001:db8::2
- | eth ip6 gre ip6 tcp dport=53 | pass, ok | gre 2001:db8::1 2001:db8::2
- | eth ip6 ip4 udp dport=53 | pass, ok | 4 2001:db8::1 2001:db8::2
- | eth ip6 ip6 dst=2001:db8::53 udp dport=53 | pass, ok | 41 2001:db8::1 2001:db8::2
- | eth ip6 src=::ffff:192.0.2.1 dst=::ffff:192.0.2.2 udp | pass, ok | udp [::ffff:192.0.2.1]:1000 [::ffff:192.0.2.2]:2000
- | eth ip6 tos=0xff udp | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:2000
- | eth ip4 udp mark=7 | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000 by policy
- | eth ip6 udp mark=0xffffffff | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:2000 by policy
drop proto udp dport 53 | eth ip4 udp dport=53 mark=7 | drop, rule | udp 192.0.2.1:1000 192.0.2.2:53 by 1
drop proto udp dport 53 | eth ip6 udp dport=53 mark=7 | drop, rule | udp [2001:db8::1]:1000 [2001:db8::2]:53 by 1
- | eth ip6 src=ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff dst=:: udp | pass, ok | udp [ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:1000 [::]:2000

# ---- no IP ----
- | eth arp | pass, not-ip | other arp
- | eth type=0x88cc payload=30 | pass, not-ip | other lldp
- | eth type=0x1234 payload=46 | pass, not-ip | other 0x1234
- | eth type=0x8847 payload=46 | pass, not-ip | other mpls
- | eth llc payload=35 | pass, not-ip | other llc
- | eth type=46 raw=aaaa0300000008004500001c | pass, not-ip | other llc
- | eth type=1535 payload=20 | pass, not-ip | other llc
- | eth type=1536 payload=20 | pass, not-ip | other 0x0600
- | eth type=0 payload=20 | pass, not-ip | other llc
- | eth type=0xffff payload=20 | pass, not-ip | other 0xffff
drop proto udp; drop dst 0.0.0.0/0; drop src ::/0 | eth arp | pass, not-ip | other arp by policy
drop ethertype arp | eth arp | drop, rule | other arp by 1
drop ethertype arp | eth type=0x8035 payload=28 | pass, not-ip | other rarp
drop ethertype ipv4 | eth ip4 udp | drop, rule | udp 192.0.2.1:1000 192.0.2.2:2000
drop ethertype ipv4 | eth ip6 udp | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:2000
drop not ethertype ipv4 | eth ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000
drop not ethertype ipv4 | eth arp | drop, rule | other arp
drop ethertype 0x1234,lldp | eth type=0x88cc payload=30 | drop, rule | other lldp
drop ethertype llc | eth llc payload=35 | drop, rule | other llc
drop ethertype arp | eth vlan=10 arp | drop, rule | other arp vlan 10
policy drop | eth arp | drop, policy | other arp by policy

# ---- IPv4: options, lengths, versions, padding ----
- | eth ip4 ihl=6 udp dport=53 | pass, ok | udp 192.0.2.1:1000 192.0.2.2:53
- | eth ip4 ihl=15 tcp dport=53 | pass, ok | tcp 192.0.2.1:1000 192.0.2.2:53
drop proto udp dport 53 | eth ip4 ihl=6 udp dport=53 | drop, rule | udp 192.0.2.1:1000 192.0.2.2:53
drop proto udp dport 53 | eth ip4 ihl=10 udp dport=53 | drop, rule | udp 192.0.2.1:1000 192.0.2.2:53
drop proto udp dport 53 | eth ip4 ihl=15 udp dport=54 | pass, ok | udp 192.0.2.1:1000 192.0.2.2:54
- | eth ip4 ihl=4 udp | pass, bad-ip | 0 0.0.0.0 0.0.0.0
- | eth ip4 ihl=0 udp | pass, bad-ip | 0 0.0.0.0 0.0.0.0
drop dst 192.0.2.2 | eth ip4 ihl=3 udp | pass, bad-ip | 0 0.0.0.0 0.0.0.0
- | eth ip4 version=6 udp | pass, bad-ip | 0 0.0.0.0 0.0.0.0
- | eth ip4 version=0 udp | pass, bad-ip | 0 0.0.0.0 0.0.0.0
- | eth ip4 len=19 udp | pass, bad-length | udp 192.0.2.1:0 192.0.2.2:0
- | eth ip4 len=0 udp | pass, bad-length | udp 192.0.2.1:0 192.0.2.2:0
- | eth ip4 len=+1 udp | pass, bad-length | udp 192.0.2.1:0 192.0.2.2:0
- | eth ip4 len=65535 udp | pass, bad-length | udp 192.0.2.1:0 192.0.2.2:0
- | eth ip4 ihl=6 len=23 udp | pass, bad-length | udp 192.0.2.1:0 192.0.2.2:0
drop dst 192.0.2.2 | eth ip4 len=+1 udp | drop, rule | udp 192.0.2.1:0 192.0.2.2:0
drop dport 2000 | eth ip4 len=+1 udp | pass, bad-length | udp 192.0.2.1:0 192.0.2.2:0
- | eth ip4 len=20 udp | pass, short-transport | udp 192.0.2.1:0 192.0.2.2:0
- | eth ip4 len=27 udp | pass, short-transport | udp 192.0.2.1:0 192.0.2.2:0
- | eth ip4 len=28 udp payload=20 | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000
- | eth ip4 len=39 tcp | pass, short-transport | tcp 192.0.2.1:0 192.0.2.2:0 flags none
- | eth ip4 len=27 icmp | pass, short-transport | icmp 192.0.2.1 192.0.2.2
- | eth ip4 len=27 sctp | pass, short-transport | sctp 192.0.2.1:0 192.0.2.2:0
- | eth ip4 len=20 esp | pass, ok | esp 192.0.2.1 192.0.2.2
- | eth ip4 udp pad=18 | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000
- | eth ip4 proto=17 pad=26 | pass, short-transport | udp 192.0.2.1:0 192.0.2.2:0
drop proto udp dport 53 | eth ip4 udp dport=53 pad=200 | drop, rule | udp 192.0.2.1:1000 192.0.2.2:53
drop len 29-65535 | eth ip4 udp pad=18 | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000
- | eth ip4 tcp doff=0 | pass, ok | tcp 192.0.2.1:1000 192.0.2.2:2000
- | eth ip4 udp len=4 | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000

# ---- frames that end early ----
- | eth ip4 udp cut=14 | pass, short-ip | 0 0.0.0.0 0.0.0.0 | xdp
- | eth ip4 udp cut=15 | pass, short-ip | 0 0.0.0.0 0.0.0.0 | xdp
- | eth ip4 udp cut=33 | pass, short-ip | 0 0.0.0.0 0.0.0.0 | xdp tc
- | eth ip4 udp cut=34 | pass, bad-length | udp 192.0.2.1:0 192.0.2.2:0
- | eth ip4 udp cut=41 | pass, bad-length | udp 192.0.2.1:0 192.0.2.2:0
- | eth ip6 udp cut=20 | pass, short-ip | 0 :: :: | xdp tc
- | eth ip6 udp cut=53 | pass, short-ip | 0 :: ::
- | eth ip6 udp cut=54 | pass, bad-length | udp [2001:db8::1]:0 [2001:db8::2]:0
- | eth ip6 udp cut=61 | pass, bad-length | udp [2001:db8::1]:0 [2001:db8::2]:0
- | eth vlan=10 ip4 udp cut=14 | pass, short-frame | other 0x0000 | xdp
- | eth vlan=10 ip4 udp cut=17 | pass, short-frame | other 0x0000 | xdp tc
- | eth vlan=10 ip4 udp cut=18 | pass, short-ip | 0 0.0.0.0 0.0.0.0 vlan 10 | xdp tc
- | eth vlan=10 vlan=20 ip4 udp cut=20 | pass, short-frame | other 0x0000 vlan 10 | xdp tc
- | eth vlan=10 vlan=20 ip6 udp cut=30 | pass, short-ip | 0 :: :: vlan 10.20 | xdp tc
- | eth arp cut=20 | pass, not-ip | other arp | xdp tc
drop dst 192.0.2.2 | eth ip4 udp cut=34 | drop, rule | udp 192.0.2.1:0 192.0.2.2:0
policy drop | eth ip4 udp cut=30 | drop, policy | 0 0.0.0.0 0.0.0.0 | xdp tc
policy drop | eth ip6 udp cut=58 | drop, policy | udp [2001:db8::1]:0 [2001:db8::2]:0

# ---- IPv4 fragments ----
- | eth ip4 mf udp payload=24 | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000
- | eth ip4 frag=1 udp dport=53 | pass, fragment | udp 192.0.2.1:0 192.0.2.2:0
- | eth ip4 frag=8 dst=10.0.0.6 udp dport=53 | pass, fragment | udp 192.0.2.1:0 10.0.0.6:0
- | eth ip4 frag=8191 proto=6 payload=8 | pass, fragment | tcp 192.0.2.1:0 192.0.2.2:0
- | eth ip4 frag=185 mf proto=17 payload=1480 | pass, fragment | udp 192.0.2.1:0 192.0.2.2:0
- | eth ip4 frag=3 proto=1 payload=8 | pass, fragment | icmp 192.0.2.1 192.0.2.2
- | eth ip4 df udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000
- | eth ip4 evil udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000
drop proto udp dport 53 | eth ip4 mf udp dport=53 payload=24 | drop, rule | udp 192.0.2.1:1000 192.0.2.2:53
drop proto udp dport 53 | eth ip4 mf udp dport=53 | drop, rule | udp 192.0.2.1:1000 192.0.2.2:53
drop proto udp dport 53 | eth ip4 frag=1 udp dport=53 | pass, fragment-early | udp 192.0.2.1:0 192.0.2.2:0
drop proto udp | eth ip4 frag=1 proto=17 payload=8 | drop, rule | udp 192.0.2.1:0 192.0.2.2:0
drop dst 10.0.0.5 | eth ip4 frag=4 dst=10.0.0.5 proto=17 payload=8 | drop, rule | udp 192.0.2.1:0 10.0.0.5:0
drop not dport 53 | eth ip4 frag=4 proto=17 payload=8 | pass, fragment-early | udp 192.0.2.1:0 192.0.2.2:0
drop dport 0 | eth ip4 frag=4 proto=17 payload=8 | pass, fragment-early | udp 192.0.2.1:0 192.0.2.2:0
drop frag | eth ip4 frag=4 proto=17 payload=8 | drop, rule | udp 192.0.2.1:0 192.0.2.2:0
drop frag | eth ip4 mf udp payload=24 | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000
drop frag | eth ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000
drop not frag | eth ip4 udp | drop, rule | udp 192.0.2.1:1000 192.0.2.2:2000
drop not frag | eth ip4 mf udp payload=8 | drop, rule | udp 192.0.2.1:1000 192.0.2.2:2000
- | eth ip4 mf proto=17 raw=03e807d0 | pass, tiny-fragment | udp 192.0.2.1:0 192.0.2.2:0
- | eth ip4 mf len=28 tcp | pass, tiny-fragment | tcp 192.0.2.1:0 192.0.2.2:0 flags none
- | eth ip4 frag=1 tcp | pass, tiny-fragment | tcp 192.0.2.1:0 192.0.2.2:0 flags none
- | eth ip4 frag=2 tcp | pass, fragment | tcp 192.0.2.1:0 192.0.2.2:0 flags none
drop dport 53 | eth ip4 mf len=28 tcp | drop, tiny-fragment-drop | tcp 192.0.2.1:0 192.0.2.2:0 by 1
drop flags syn | eth ip4 frag=1 tcp flags=S | drop, tiny-fragment-drop | tcp 192.0.2.1:0 192.0.2.2:0 by 1
drop dst 10.0.0.5 | eth ip4 mf len=28 tcp | pass, tiny-fragment | tcp 192.0.2.1:0 192.0.2.2:0
pass src 192.0.2.1; drop dport 53 | eth ip4 mf len=28 tcp | pass, tiny-fragment | tcp 192.0.2.1:0 192.0.2.2:0 by 1
pass dport 53 | eth ip4 mf len=28 tcp | pass, tiny-fragment | tcp 192.0.2.1:0 192.0.2.2:0 by 0
drop dst 192.0.2.2; drop dport 53 | eth ip4 mf len=28 tcp | drop, rule | tcp 192.0.2.1:0 192.0.2.2:0 by 1
policy drop | eth ip4 mf len=28 tcp | drop, policy | tcp 192.0.2.1:0 192.0.2.2:0 by 0
policy drop; drop dport 53 | eth ip4 mf len=28 tcp | drop, tiny-fragment-drop | tcp 192.0.2.1:0 192.0.2.2:0 by 1
policy drop; pass src 192.0.2.1; drop dport 53 | eth ip4 mf len=28 tcp | pass, tiny-fragment | tcp 192.0.2.1:0 192.0.2.2:0 by 1
policy drop | eth ip4 frag=9 proto=17 payload=8 | drop, policy | udp 192.0.2.1:0 192.0.2.2:0

# ---- IPv6: extension headers, lengths, fragments ----
- | eth ip6 hbh udp | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:2000
- | eth ip6 dstopt=3 tcp | pass, ok | tcp [2001:db8::1]:1000 [2001:db8::2]:2000
- | eth ip6 hbh len=3 dstopt len=1 rthdr len=2 ah udp | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:2000
- | eth ip6 dstopt len=255 udp | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:2000
- | eth ip6 ah len=7 udp | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:2000
- | eth ip6 mobility next=59 | pass, ok | 135 2001:db8::1 2001:db8::2
- | eth ip6 hip next=59 | pass, ok | 139 2001:db8::1 2001:db8::2
- | eth ip6 shim6 tcp dport=80 | pass, ok | 140 2001:db8::1 2001:db8::2
- | eth ip6 hbh dstopt mobility udp | pass, ok | 135 2001:db8::1 2001:db8::2
drop proto mobility-header | eth ip6 mobility next=59 | drop, rule | 135 2001:db8::1 2001:db8::2
drop proto mobility-header | eth ip6 frag6=0 mf mobility next=59 payload=8 | drop, rule | 135 2001:db8::1 2001:db8::2
drop proto 135,139,140 | eth ip6 dstopt shim6 tcp dport=80 | drop, rule | 140 2001:db8::1 2001:db8::2
drop proto tcp dport 80 | eth ip6 shim6 tcp dport=80 | pass, ok | 140 2001:db8::1 2001:db8::2
drop proto ipencap | eth ip4 ip4 udp | drop, rule | ipencap 192.0.2.1 192.0.2.2
drop proto ipencap | eth ip4 proto=94 payload=8 | pass, ok | 94 192.0.2.1 192.0.2.2
drop proto 94 | eth ip4 proto=94 payload=8 | drop, rule | 94 192.0.2.1 192.0.2.2
drop proto 59 | eth ip6 mobility next=59 | pass, ok | 135 2001:db8::1 2001:db8::2
- | eth ip6 hbh icmp6 type=143 | pass, ok | icmpv6 2001:db8::1 2001:db8::2 type 143/0
- | eth ip6 hbh dstopt rthdr frag6 esp | pass, ok | esp 2001:db8::1 2001:db8::2
- | eth ip6 dstopt next=254 payload=8 | pass, ok | 254 2001:db8::1 2001:db8::2
drop proto udp dport 53 | eth ip6 hbh udp dport=53 | drop, rule | udp [2001:db8::1]:1000 [2001:db8::2]:53
drop proto udp dport 53 | eth ip6 dstopt udp dport=53 | drop, rule | udp [2001:db8::1]:1000 [2001:db8::2]:53
drop proto udp dport 53 | eth ip6 dstopt=3 udp dport=53 | drop, rule | udp [2001:db8::1]:1000 [2001:db8::2]:53
drop proto udp dport 53 | eth ip6 dstopt=9 udp dport=53 | drop, rule | udp [2001:db8::1]:1000 [2001:db8::2]:53
drop proto udp dport 53 | eth ip6 dstopt=16 udp dport=53 | drop, rule | udp [2001:db8::1]:1000 [2001:db8::2]:53
drop proto udp dport 53 | eth ip6 dstopt=16 udp dport=54 | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:54
- | eth ip6 dstopt=17 udp dport=53 | pass, many-headers | 0 2001:db8::1 2001:db8::2
drop proto udp dport 53 | eth ip6 dstopt=17 udp dport=53 | drop, many-headers-drop | 0 2001:db8::1 2001:db8::2 by 1
drop dst 2001:db8::9 | eth ip6 dstopt=17 udp dport=53 | pass, many-headers | 0 2001:db8::1 2001:db8::2
drop dst 2001:db8::2 | eth ip6 dstopt=17 udp dport=53 | drop, rule | 0 2001:db8::1 2001:db8::2 by 1
pass dst 2001:db8::2; drop dport 53 | eth ip6 dstopt=40 udp dport=53 | pass, many-headers | 0 2001:db8::1 2001:db8::2 by 1
- | eth ip6 frag6 udp | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:2000
- | eth ip6 frag6=0 mf udp payload=16 | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:2000
- | eth ip6 frag6=4 udp | pass, fragment | udp [2001:db8::1]:0 [2001:db8::2]:0
- | eth ip6 frag6=4 mf udp payload=16 | pass, fragment | udp [2001:db8::1]:0 [2001:db8::2]:0
- | eth ip6 frag6=2 icmp6 | pass, fragment | icmpv6 2001:db8::1 2001:db8::2
- | eth ip6 frag6=1 tcp | pass, tiny-fragment | tcp [2001:db8::1]:0 [2001:db8::2]:0
- | eth ip6 hbh frag6=0 mf dstopt udp payload=8 | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:2000
drop proto udp dport 53 | eth ip6 frag6 udp dport=53 | drop, rule | udp [2001:db8::1]:1000 [2001:db8::2]:53
drop proto udp dport 53 | eth ip6 frag6=0 mf udp dport=53 payload=8 | drop, rule | udp [2001:db8::1]:1000 [2001:db8::2]:53
drop proto udp dport 53 | eth ip6 hbh dstopt frag6=0 mf udp dport=53 payload=8 | drop, rule | udp [2001:db8::1]:1000 [2001:db8::2]:53
drop proto udp dport 53 | eth ip6 frag6=3 udp dport=53 | pass, fragment-early | udp [2001:db8::1]:0 [2001:db8::2]:0
drop frag | eth ip6 frag6 udp | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:2000
drop frag | eth ip6 frag6=0 mf udp payload=8 | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:2000
drop frag | eth ip6 frag6=7 mf udp | drop, rule | udp [2001:db8::1]:0 [2001:db8::2]:0
- | eth ip6 frag6=0 mf next=17 raw=03e807d0 | pass, tiny-fragment | udp [2001:db8::1]:0 [2001:db8::2]:0
- | eth ip6 frag6=0 mf next=60 raw=1100 | pass, tiny-fragment | 0 2001:db8::1 2001:db8::2
- | eth ip6 frag6=0 mf dstopt lenfield=5 next=17 | pass, tiny-fragment | udp [2001:db8::1]:0 [2001:db8::2]:0
drop dport 53 | eth ip6 frag6=0 mf next=17 raw=03e80035 | drop, tiny-fragment-drop | udp [2001:db8::1]:0 [2001:db8::2]:0
drop dport 53 | eth ip6 frag6=0 mf next=60 raw=1100 | drop, tiny-fragment-drop | 0 2001:db8::1 2001:db8::2
- | eth ip6 version=4 udp | pass, bad-ip | 0 :: ::
- | eth ip6 version=0 udp | pass, bad-ip | 0 :: ::
- | eth ip6 len=+1 udp | pass, bad-length | udp [2001:db8::1]:0 [2001:db8::2]:0
- | eth ip6 len=65535 hbh udp | pass, bad-length | 0 2001:db8::1 2001:db8::2
- | eth ip6 len=0 udp | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:2000
- | eth ip6 len=7 udp | pass, short-transport | udp [2001:db8::1]:0 [2001:db8::2]:0
- | eth ip6 len=4 hbh udp | pass, short-transport | 0 2001:db8::1 2001:db8::2
- | eth ip6 len=15 hbh udp | pass, short-transport | udp [2001:db8::1]:0 [2001:db8::2]:0
- | eth ip6 hbh lenfield=200 udp | pass, short-transport | udp [2001:db8::1]:0 [2001:db8::2]:0
- | eth ip6 len=19 tcp | pass, short-transport | tcp [2001:db8::1]:0 [2001:db8::2]:0
- | eth ip6 udp pad=30 | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:2000
drop dst 2001:db8::2 | eth ip6 len=+9 udp | drop, rule | udp [2001:db8::1]:0 [2001:db8::2]:0
drop dst 2001:db8::2 | eth ip6 version=5 udp | pass, bad-ip | 0 :: ::

# ---- VLAN tags ----
- | eth vlan=10 ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000 vlan 10
- | eth vlan=4095:7 ip6 udp | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:2000 vlan 4095
- | eth vlan=0 ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000
- | eth vlan=0:5 ip6 tcp | pass, ok | tcp [2001:db8::1]:1000 [2001:db8::2]:2000
- | eth vlan=10 vlan=20 ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000 vlan 10.20
- | eth vlan=1:1 vlan=20:7 ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000 vlan 1.20
- | eth ad=100 vlan=5 ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000 vlan 100.5
- | eth ad=100 ad=5 ip6 udp | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:2000 vlan 100.5
- | eth qq=7 vlan=8 ip4 tcp | pass, ok | tcp 192.0.2.1:1000 192.0.2.2:2000 vlan 7.8
- | eth vlan=0 vlan=20 ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000 vlan 0.20
- | eth vlan=0 vlan=0 ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000
- | eth vlan=1 vlan=2 vlan=3 ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000 vlan 1.2
- | eth vlan=1 ad=2 qq=3 vlan=4 vlan=5 vlan=6 vlan=7 vlan=8 ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000 vlan 1.2
- | eth vlan=1 vlan=2 vlan=3 vlan=4 vlan=5 vlan=6 vlan=7 vlan=8 vlan=9 ip4 udp | pass, many-tags | other 0x0000 vlan 1.2
- | eth vlan=10 type=0x1234 payload=40 | pass, not-ip | other 0x1234 vlan 10
- | eth vlan=10 llc payload=40 | pass, not-ip | other llc vlan 10
drop proto udp dport 53 | eth vlan=0 ip4 udp dport=53 | drop, rule | udp 192.0.2.1:1000 192.0.2.2:53
drop proto udp dport 53 | eth vlan=0 vlan=0 ip4 udp dport=53 | drop, rule | udp 192.0.2.1:1000 192.0.2.2:53
drop proto udp dport 53 | eth vlan=0 vlan=0 vlan=0 ip6 udp dport=53 | drop, rule | udp [2001:db8::1]:1000 [2001:db8::2]:53
drop proto udp dport 53 | eth ad=0 vlan=0 ip4 ihl=6 udp dport=53 | drop, rule | udp 192.0.2.1:1000 192.0.2.2:53
drop proto udp dport 53 | eth vlan=10 vlan=20 ip6 dstopt=9 udp dport=53 | drop, rule | udp [2001:db8::1]:1000 [2001:db8::2]:53 vlan 10.20
drop dst 10.0.0.5 | eth vlan=10 ip4 dst=10.0.0.5 udp dport=53 | drop, rule | udp 192.0.2.1:1000 10.0.0.5:53 vlan 10
drop dst 10.0.0.5 | eth vlan=1 vlan=2 vlan=3 vlan=4 vlan=5 vlan=6 vlan=7 vlan=8 ip4 dst=10.0.0.5 udp | drop, rule | udp 192.0.2.1:1000 10.0.0.5:2000 vlan 1.2
drop dst 10.0.0.5 | eth vlan=1 vlan=2 vlan=3 vlan=4 vlan=5 vlan=6 vlan=7 vlan=8 ad=9 ip4 dst=10.0.0.5 udp | drop, many-tags-drop | other 0x0000 vlan 1.2 by 1
drop ethertype arp | eth vlan=0 vlan=0 vlan=0 vlan=0 vlan=0 vlan=0 vlan=0 vlan=0 vlan=0 ip4 udp | drop, many-tags-drop | other 0x0000
drop hook xdp,tc in lo | eth vlan=0 vlan=0 vlan=0 vlan=0 vlan=0 vlan=0 vlan=0 vlan=0 vlan=0 ip4 udp | pass, many-tags | other 0x0000 | tc
drop vlan 2; drop dst 10.0.0.5 | eth vlan=1 vlan=2 vlan=3 vlan=4 vlan=5 vlan=6 vlan=7 vlan=8 vlan=9 ip4 udp | drop, rule | other 0x0000 vlan 1.2 by 1
drop vlan 10 | eth vlan=10 ip4 udp | drop, rule | udp 192.0.2.1:1000 192.0.2.2:2000 vlan 10
drop vlan 10 | eth vlan=20 vlan=10 ip4 udp | drop, rule | udp 192.0.2.1:1000 192.0.2.2:2000 vlan 20.10
drop vlan 10 | eth vlan=20 ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000 vlan 20
drop vlan 10 | eth ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000
drop vlan 10-20,30 | eth vlan=30 arp | drop, rule | other arp vlan 30
drop vlan 10-20,30 | eth vlan=21 arp | pass, not-ip | other arp vlan 21
drop not vlan 10 | eth ip4 udp | drop, rule | udp 192.0.2.1:1000 192.0.2.2:2000
drop not vlan 10 | eth vlan=10 ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000 vlan 10
drop vlan 0 | eth vlan=0 ip4 udp | drop, rule | udp 192.0.2.1:1000 192.0.2.2:2000
drop vlan 0 | eth vlan=10 ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000 vlan 10

# ---- rules: addresses ----
drop dst 10.0.0.5 | eth ip4 dst=10.0.0.5 udp | drop, rule | udp 192.0.2.1:1000 10.0.0.5:2000 by 1
drop dst 10.0.0.5 | eth ip4 dst=10.0.0.4 udp | pass, ok | udp 192.0.2.1:1000 10.0.0.4:2000
drop dst 10.0.0.5 | eth ip4 src=10.0.0.5 udp | pass, ok | udp 10.0.0.5:1000 192.0.2.2:2000
drop src 10.0.0.0/8 | eth ip4 src=10.255.255.255 tcp | drop, rule | tcp 10.255.255.255:1000 192.0.2.2:2000
drop src 10.0.0.0/8 | eth ip4 src=11.0.0.0 tcp | pass, ok | tcp 11.0.0.0:1000 192.0.2.2:2000
drop src 10.0.0.3-10.0.0.7 | eth ip4 src=10.0.0.7 icmp | drop, rule | icmp 10.0.0.7 192.0.2.2 type 8/0 id 7
drop src 10.0.0.3-10.0.0.7 | eth ip4 src=10.0.0.8 icmp | pass, ok | icmp 10.0.0.8 192.0.2.2 type 8/0 id 7
drop host 10.0.0.5 | eth ip4 src=10.0.0.5 udp | drop, rule | udp 10.0.0.5:1000 192.0.2.2:2000
drop host 10.0.0.5 | eth ip4 dst=10.0.0.5 udp | drop, rule | udp 192.0.2.1:1000 10.0.0.5:2000
drop not host 10.0.0.5 | eth ip4 dst=10.0.0.5 udp | pass, ok | udp 192.0.2.1:1000 10.0.0.5:2000
drop not host 10.0.0.5 | eth ip4 dst=10.0.0.6 udp | drop, rule | udp 192.0.2.1:1000 10.0.0.6:2000
drop dst 10.0.0.1,10.0.0.3,2001:db8::2 | eth ip6 udp | drop, rule | udp [2001:db8::1]:1000 [2001:db8::2]:2000
drop dst 10.0.0.1,10.0.0.3,2001:db8::2 | eth ip4 dst=10.0.0.3 udp | drop, rule | udp 192.0.2.1:1000 10.0.0.3:2000
drop dst 10.0.0.1,10.0.0.3,2001:db8::2 | eth ip4 dst=10.0.0.2 udp | pass, ok | udp 192.0.2.1:1000 10.0.0.2:2000
drop not src 192.0.2.0/24 | eth ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000
drop not src 192.0.2.0/24 | eth ip4 src=192.0.3.1 udp | drop, rule | udp 192.0.3.1:1000 192.0.2.2:2000
drop not src 192.0.2.0/24 | eth ip6 udp | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:2000
drop not src 2001:db8::9 | eth ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000
drop not dst 10.0.0.0/8 | eth ip6 udp | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:2000
drop not host 10.0.0.5 | eth ip6 udp | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:2000
drop not host 2001:db8::2 | eth ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000
drop not host 2001:db8::2 | eth ip6 dst=2001:db8::3 udp | drop, rule | udp [2001:db8::1]:1000 [2001:db8::3]:2000
drop not src 10.0.0.0/8,2001:db8::/64 | eth ip4 udp | drop, rule | udp 192.0.2.1:1000 192.0.2.2:2000
drop not src 10.0.0.0/8,2001:db8:1::/64 | eth ip6 udp | drop, rule | udp [2001:db8::1]:1000 [2001:db8::2]:2000
drop not src 10.0.0.0/8,2001:db8::/64 | eth ip6 udp | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:2000
drop not src 10.0.0.0/8 not dst 10.0.0.0/8 | eth ip6 udp | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:2000
drop not src 192.0.2.0/24 | eth arp | pass, not-ip | other arp
drop dst 2001:db8::/32 | eth ip6 dst=2001:db8:ffff:ffff:ffff:ffff:ffff:ffff udp | drop, rule | udp [2001:db8::1]:1000 [2001:db8:ffff:ffff:ffff:ffff:ffff:ffff]:2000
drop dst 2001:db8::/32 | eth ip6 dst=2001:db9:: udp | pass, ok | udp [2001:db8::1]:1000 [2001:db9::]:2000
drop dst 2001:db8::/65 | eth ip6 dst=2001:db8:0:0:7fff:ffff:ffff:ffff udp | drop, rule | udp [2001:db8::1]:1000 [2001:db8:0:0:7fff:ffff:ffff:ffff]:2000
drop dst 2001:db8::/65 | eth ip6 dst=2001:db8:0:0:8000:: udp | pass, ok | udp [2001:db8::1]:1000 [2001:db8:0:0:8000::]:2000
drop src 0.0.0.0/0 | eth ip6 udp | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:2000
drop src ::/0 | eth ip6 udp | drop, rule | udp [2001:db8::1]:1000 [2001:db8::2]:2000
drop src 2001:db8::1 dst 2001:db8::2 proto tcp dport 2000 | eth ip6 tcp | drop, rule | tcp [2001:db8::1]:1000 [2001:db8::2]:2000

# ---- rules: protocols and ports ----
drop proto udp | eth ip4 udp | drop, rule | udp 192.0.2.1:1000 192.0.2.2:2000
drop proto udp | eth ip4 tcp | pass, ok | tcp 192.0.2.1:1000 192.0.2.2:2000
drop proto tcp,47 | eth ip4 gre | drop, rule | gre 192.0.2.1 192.0.2.2
drop not proto tcp,udp | eth ip4 icmp | drop, rule | icmp 192.0.2.1 192.0.2.2 type 8/0 id 7
drop not proto tcp,udp | eth ip6 udp | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:2000
drop proto esp | eth ip6 hbh esp | drop, rule | esp 2001:db8::1 2001:db8::2
drop dport 53 | eth ip4 tcp dport=53 | drop, rule | tcp 192.0.2.1:1000 192.0.2.2:53
drop dport 53 | eth ip4 sctp dport=53 | drop, rule | sctp 192.0.2.1:1000 192.0.2.2:53
drop dport 53 | eth ip4 udp sport=53 | pass, ok | udp 192.0.2.1:53 192.0.2.2:2000
drop dport 53 | eth ip4 ip4 udp dport=53 | pass, ok | 4 192.0.2.1 192.0.2.2
drop port 53 | eth ip4 udp sport=53 | drop, rule | udp 192.0.2.1:53 192.0.2.2:2000
drop port 53 | eth ip6 udp dport=53 | drop, rule | udp [2001:db8::1]:1000 [2001:db8::2]:53
drop not port 53 | eth ip6 udp dport=53 | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:53
drop not port 53 | eth ip6 udp | drop, rule | udp [2001:db8::1]:1000 [2001:db8::2]:2000
drop dport domain | eth ip4 udp dport=53 | drop, rule | udp 192.0.2.1:1000 192.0.2.2:53
drop dport 1024-65535 | eth ip4 udp dport=1024 | drop, rule | udp 192.0.2.1:1000 192.0.2.2:1024
drop dport 1024-65535 | eth ip4 udp dport=1023 | pass, ok | udp 192.0.2.1:1000 192.0.2.2:1023
drop sport 10,20-30,40 | eth ip4 tcp sport=30 | drop, rule | tcp 192.0.2.1:30 192.0.2.2:2000
drop sport 10,20-30,40 | eth ip4 tcp sport=31 | pass, ok | tcp 192.0.2.1:31 192.0.2.2:2000
drop not dport 53 | eth ip4 icmp | pass, ok | icmp 192.0.2.1 192.0.2.2 type 8/0 id 7
drop dport 2048 | eth ip4 icmp | pass, ok | icmp 192.0.2.1 192.0.2.2 type 8/0 id 7
drop dport 0 | eth ip4 esp | pass, ok | esp 192.0.2.1 192.0.2.2
drop icmp echo-request | eth ip4 icmp | drop, rule | icmp 192.0.2.1 192.0.2.2 type 8/0 id 7
drop icmp echo-request | eth ip6 icmp6 | drop, rule | icmpv6 2001:db8::1 2001:db8::2 type 128/0 id 7
drop icmp echo-request | eth ip4 icmp type=0 | pass, ok | icmp 192.0.2.1 192.0.2.2 type 0/0 id 7
drop icmp destination-unreachable/4 | eth ip4 icmp type=3 code=4 | drop, rule | icmp 192.0.2.1 192.0.2.2 type 3/4
drop icmp destination-unreachable/4 | eth ip4 icmp type=3 code=3 | pass, ok | icmp 192.0.2.1 192.0.2.2 type 3/3

# ---- rules: what differs from packet to packet of a flow ----
drop flags syn | eth ip4 tcp flags=S | drop, rule | tcp 192.0.2.1:1000 192.0.2.2:2000 flags S
drop flags syn | eth ip4 tcp flags=A | pass, ok | tcp 192.0.2.1:1000 192.0.2.2:2000 flags A
drop flags syn | eth ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000
drop flags rst | eth ip6 tcp flags=RA | drop, rule | tcp [2001:db8::1]:1000 [2001:db8::2]:2000 flags RA
drop not flags ack | eth ip4 tcp flags=S | drop, rule | tcp 192.0.2.1:1000 192.0.2.2:2000 flags S
drop not flags ack | eth ip4 tcp flags=PA | pass, ok | tcp 192.0.2.1:1000 192.0.2.2:2000 flags PA
drop len 0-28 | eth ip4 udp | drop, rule | udp 192.0.2.1:1000 192.0.2.2:2000
drop len 0-28 | eth ip4 udp payload=1 | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000
drop dscp ef | eth ip4 tos=0xb8 udp | drop, rule | udp 192.0.2.1:1000 192.0.2.2:2000
drop dscp 46 | eth ip4 tos=0xbb udp | drop, rule | udp 192.0.2.1:1000 192.0.2.2:2000
drop dscp ef | eth ip4 tos=0xb4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000
drop dscp ef,af41 | eth ip6 tos=0x8a tcp | drop, rule | tcp [2001:db8::1]:1000 [2001:db8::2]:2000
drop dscp cs0 | eth ip6 tos=3 icmp6 | drop, rule | icmpv6 2001:db8::1 2001:db8::2 type 128/0 id 7
drop not dscp cs0 | eth ip6 udp | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:2000
drop not dscp cs0,le | eth vlan=10 ip4 tos=0xfc udp | drop, rule | udp 192.0.2.1:1000 192.0.2.2:2000 vlan 10
drop dscp 63 | eth ip4 tos=0xff frag=10 proto=17 payload=8 | drop, rule | udp 192.0.2.1:0 192.0.2.2:0
drop not dscp ef | eth arp | pass, not-ip | other arp
drop dscp 0x2e len 28; pass dscp ef; drop dscp ef | eth ip4 tos=0xb8 udp payload=1 | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000 by 2
drop ttl 1 | eth ip4 ttl=1 udp | drop, rule | udp 192.0.2.1:1000 192.0.2.2:2000
drop ttl 0-4 | eth ip4 ttl=5 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000
drop not ttl 255 | eth ip6 hlim=254 tcp | drop, rule | tcp [2001:db8::1]:1000 [2001:db8::2]:2000
drop not ttl 255 | eth ip6 hlim=255 tcp | pass, ok | tcp [2001:db8::1]:1000 [2001:db8::2]:2000
drop ttl 0 | eth ip6 hlim=0 icmp6 | drop, rule | icmpv6 2001:db8::1 2001:db8::2 type 128/0 id 7
drop ttl 0-255 | eth arp | pass, not-ip | other arp
drop ttl 3,9-11 proto udp dport 2000 | eth vlan=10 ip4 ttl=10 udp | drop, rule | udp 192.0.2.1:1000 192.0.2.2:2000 vlan 10
drop ttl 64 dscp cs0; pass ttl 64 | eth ip4 ttl=64 tos=0x20 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000 by 2
drop ether src 02:00:00:00:00:01 | eth src=02:00:00:00:00:01 ip4 udp | drop, rule | udp 192.0.2.1:1000 192.0.2.2:2000 | xdp tc
drop ether src 02:00:00:00:00:01 | eth src=02:00:00:00:00:01 ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000 | nf
drop ether src 02:00:00:00:00:01 | eth src=02:00:00:00:00:02 ip6 udp | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:2000
drop ether dst 02:00:00:00:00:01 | eth src=02:00:00:00:00:01 dst=02:00:00:00:00:09 ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000
drop ether dst 02:00:00:00:00:09,02:00:00:00:00:0a | eth dst=02:00:00:00:00:0a ip6 tcp | drop, rule | tcp [2001:db8::1]:1000 [2001:db8::2]:2000 | xdp tc
drop not ether dst 02:00:00:00:00:09 | eth dst=02:00:00:00:00:0a arp | drop, rule | other arp
drop not ether dst 02:00:00:00:00:09 | eth dst=02:00:00:00:00:09 arp | pass, not-ip | other arp
drop not ether src 02:00:00:00:00:09 | eth ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000 | nf
drop not ether src 02:00:00:00:00:09 | eth ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000 | bare
drop ether dst 00:00:00:00:00:00; pass not ether src 00:00:00:00:00:01/00:00:00:00:00:01; drop dport 2000 | eth ip6 udp | drop, rule | udp [2001:db8::1]:1000 [2001:db8::2]:2000 by 3 | bare
drop ether dst 00:00:00:00:00:00/00:00:00:00:00:01; audit dport 2000; policy drop | eth ip4 icmp | drop, policy | icmp 192.0.2.1 192.0.2.2 type 8/0 id 7 by policy | bare
drop ether dst 01:00:00:00:00:00/01:00:00:00:00:00 | eth dst=33:33:00:00:00:01 ip6 udp | drop, rule | udp [2001:db8::1]:1000 [2001:db8::2]:2000 | xdp tc
drop ether dst 01:00:00:00:00:00/01:00:00:00:00:00 | eth dst=32:33:00:00:00:01 ip6 udp | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:2000
pass ether src 00:11:22:33:44:55; drop ether src 00:11:22:00:00:00/ff:ff:ff:00:00:00 | eth src=00:11:22:33:44:55 vlan=10 ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000 vlan 10 by 1
pass ether src 00:11:22:33:44:55; drop ether src 00:11:22:00:00:00/ff:ff:ff:00:00:00 | eth src=00:11:22:33:44:56 vlan=10 ip4 udp | drop, rule | udp 192.0.2.1:1000 192.0.2.2:2000 vlan 10 by 2
200 * pass ether src 02:00:00:01:00:00 dport %; drop ether src 02:00:00:01:00:00 | eth src=02:00:00:01:00:00 ip6 udp dport=199 | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:199 by 200 | xdp tc
drop mark 7 | eth ip4 udp mark=7 | drop, rule | udp 192.0.2.1:1000 192.0.2.2:2000 | tc nf
drop mark 7 | eth ip6 udp mark=7 | drop, rule | udp [2001:db8::1]:1000 [2001:db8::2]:2000 | tc nf
drop mark 7 | eth ip4 udp mark=7 | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000 | xdp
drop mark 7 | eth ip4 udp mark=8 | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000
drop mark 0 | eth ip6 tcp | drop, rule | tcp [2001:db8::1]:1000 [2001:db8::2]:2000 | tc nf
drop mark 0 | eth ip6 tcp | pass, ok | tcp [2001:db8::1]:1000 [2001:db8::2]:2000 | xdp
drop not mark 0 | eth ip4 udp mark=0x80000000 | drop, rule | udp 192.0.2.1:1000 192.0.2.2:2000 | tc nf
drop not mark 0 | eth ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000
drop mark 0x10/0xf0 | eth ip4 udp mark=0x1f | drop, rule | udp 192.0.2.1:1000 192.0.2.2:2000 | tc nf
drop mark 0x10/0xf0 | eth ip4 udp mark=0x20 | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000
pass mark 0x1/0x1; audit mark 0x2/0x2; drop mark 0x4/0x4,0x8/0x8 | eth ip6 udp mark=0xc | drop, rule | udp [2001:db8::1]:1000 [2001:db8::2]:2000 by 3 | tc nf
pass mark 0x1/0x1; audit mark 0x2/0x2; drop mark 0x4/0x4,0x8/0x8 | eth ip6 udp mark=0xd | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:2000 by 1 | tc nf
audit mark 0x2/0x2; drop mark 0x4/0x4 | eth arp mark=6 | drop, rule | other arp by 2 audit 1 | tc
drop len 1-10,1-11,1-12,1-13,1-14,1-15,1-16,1-17,1-28 | eth ip4 udp | drop, rule | udp 192.0.2.1:1000 192.0.2.2:2000
drop len 0-9,1-8,2-7,3; pass len 0-99,1-98,2-97; drop len 28 | eth ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000 by 2
drop len 128 | eth ip4 udp payload=100 | drop, rule | udp 192.0.2.1:1000 192.0.2.2:2000
drop not len 40-100 | eth ip6 udp payload=52 | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:2000
drop not len 40-100 | eth ip6 udp payload=53 | drop, rule | udp [2001:db8::1]:1000 [2001:db8::2]:2000
drop len 48 | eth vlan=10 ip6 udp | drop, rule | udp [2001:db8::1]:1000 [2001:db8::2]:2000 vlan 10
drop len 28 flags syn; drop len 40 flags syn | eth ip4 tcp flags=S | drop, rule | tcp 192.0.2.1:1000 192.0.2.2:2000 by 2

# ---- rules: hooks and interfaces ----
drop hook xdp | eth ip4 udp | drop, rule | udp 192.0.2.1:1000 192.0.2.2:2000 by 1 | xdp
drop hook xdp | eth ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000 by policy | tc nf
drop hook tc | eth ip4 udp | drop, rule | udp 192.0.2.1:1000 192.0.2.2:2000 | tc
drop hook tc,nf | eth ip6 udp | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:2000 | xdp
drop hook nf | eth ip6 udp | drop, rule | udp [2001:db8::1]:1000 [2001:db8::2]:2000 | nf
drop not hook nf | eth ip6 udp | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:2000 | nf
drop not hook nf | eth ip6 udp | drop, rule | udp [2001:db8::1]:1000 [2001:db8::2]:2000 | xdp tc
drop in lo | eth ip4 udp | drop, rule | udp 192.0.2.1:1000 192.0.2.2:2000 | xdp
drop in lo | eth ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000 | tc nf
drop out lo | eth ip4 udp | drop, rule | udp 192.0.2.1:1000 192.0.2.2:2000 | tc nf
drop out lo | eth ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000 | xdp
drop not in lo | eth ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000 | xdp

# ---- limits, within the rate; timed rules ----
limit 1000mpps dport 53 | eth ip4 udp dport=53 | pass, ok | udp 192.0.2.1:1000 192.0.2.2:53 by 1
limit 1000gbit per src/24 dport 53; drop dport 53 | eth ip4 udp dport=53 | pass, ok | udp 192.0.2.1:1000 192.0.2.2:53 by 1
limit 1000mpps per flow dport 53 | eth ip6 udp dport=53 | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:53 by 1
drop dport 53; limit 1000mpps dport 53 | eth ip4 udp dport=53 | drop, rule | udp 192.0.2.1:1000 192.0.2.2:53 by 1
limit 1000mpps per dst ethertype arp | eth arp | pass, not-ip | other arp by 1
audit dport 53; limit 1000mpps per dst dport 53 | eth ip4 udp dport=53 | pass, ok | udp 192.0.2.1:1000 192.0.2.2:53 by 2 audit 1
limit 1000mpps dport 53 | eth ip4 mf len=28 tcp | pass, tiny-fragment | tcp 192.0.2.1:0 192.0.2.2:0 by 0
drop dport 53 for 1h | eth ip4 udp dport=53 | drop, rule | udp 192.0.2.1:1000 192.0.2.2:53 by 1
pass dport 53 for 1h; drop dport 53 | eth ip6 udp dport=53 | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:53 by 1

# ---- order, pass, audit, policy ----
drop dst 10.0.0.0/8; pass dst 10.0.0.5 | eth ip4 dst=10.0.0.5 udp | drop, rule | udp 192.0.2.1:1000 10.0.0.5:2000 by 1
pass dst 10.0.0.5; drop dst 10.0.0.0/8 | eth ip4 dst=10.0.0.5 udp | pass, ok | udp 192.0.2.1:1000 10.0.0.5:2000 by 1
pass dst 10.0.0.5; drop dst 10.0.0.0/8 | eth ip4 dst=10.0.0.6 udp | drop, rule | udp 192.0.2.1:1000 10.0.0.6:2000 by 2
drop proto udp; drop dport 53 | eth ip4 udp dport=53 | drop, rule | udp 192.0.2.1:1000 192.0.2.2:53 by 1
drop dport 53; drop proto udp | eth ip4 udp dport=53 | drop, rule | udp 192.0.2.1:1000 192.0.2.2:53 by 1
pass proto udp; drop dport 53 | eth ip6 udp dport=53 | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:53 by 1
drop dport 53; pass proto udp | eth ip6 udp dport=53 | drop, rule | udp [2001:db8::1]:1000 [2001:db8::2]:53 by 1
policy drop | eth ip4 udp | drop, policy | udp 192.0.2.1:1000 192.0.2.2:2000 by policy
policy drop; pass src 192.0.2.0/24 | eth ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000 by 1
policy drop; pass src 192.0.2.0/24 | eth ip4 src=192.0.3.0 udp | drop, policy | udp 192.0.3.0:1000 192.0.2.2:2000
policy drop; pass dport 53 | eth ip6 udp dport=53 | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:53
policy drop; pass dport 53 | eth ip6 udp dport=54 | drop, policy | udp [2001:db8::1]:1000 [2001:db8::2]:54
audit dst 10.0.0.5 | eth ip4 dst=10.0.0.5 udp | pass, ok | udp 192.0.2.1:1000 10.0.0.5:2000 by policy audit 1
audit dst 10.0.0.5; drop proto udp | eth ip4 dst=10.0.0.5 udp | drop, rule | udp 192.0.2.1:1000 10.0.0.5:2000 by 2 audit 1
audit proto udp; audit dst 10.0.0.5; drop dport 53 | eth ip4 dst=10.0.0.5 udp dport=53 | drop, rule | udp 192.0.2.1:1000 10.0.0.5:53 by 3 audit 1
audit proto udp; audit host 2001:db8::1; audit dport 53 | eth ip6 udp dport=53 | pass, ok | udp [2001:db8::1]:1000 [2001:db8::2]:53 by 0 audit 1
drop proto udp; audit dst 10.0.0.5 | eth ip4 dst=10.0.0.5 udp | drop, rule | udp 192.0.2.1:1000 10.0.0.5:2000 by 1 audit 0
audit host 192.0.2.0/24 | eth ip4 udp | pass, ok | udp 192.0.2.1:1000 192.0.2.2:2000 audit 1
audit ethertype arp | eth arp | pass, not-ip | other arp audit 1
policy drop; audit proto udp | eth ip4 udp | drop, policy | udp 192.0.2.1:1000 192.0.2.2:2000 by 0 audit 1

# ---- many rules ----
255 * drop dst 10.1.0.%; drop dst 10.0.0.5 | eth ip4 dst=10.0.0.5 udp | drop, rule | udp 192.0.2.1:1000 10.0.0.5:2000 by 256
255 * drop dst 10.1.0.%; drop dst 10.0.0.5 | eth ip4 dst=10.1.0.254 udp | drop, rule | udp 192.0.2.1:1000 10.1.0.254:2000 by 255
255 * drop dst 10.1.0.%; drop dst 10.0.0.5 | eth ip4 dst=10.1.0.0 udp | drop, rule | udp 192.0.2.1:1000 10.1.0.0:2000 by 1
255 * drop dst 10.1.0.%; drop dst 10.0.0.5 | eth ip4 dst=10.1.0.255 udp | pass, ok | udp 192.0.2.1:1000 10.1.0.255:2000 by 0
255 * drop dst 2001:db8::% proto tcp; pass proto tcp; policy drop | eth ip6 dst=2001:db8::254 tcp | drop, rule | tcp [2001:db8::1]:1000 [2001:db8::254]:2000 by 255
255 * drop dst 2001:db8::% proto tcp; pass proto tcp; policy drop | eth ip6 dst=2001:db8::ffff tcp | pass, ok | tcp [2001:db8::1]:1000 [2001:db8::ffff]:2000 by 256
255 * drop dst 2001:db8::% proto tcp; pass proto tcp; policy drop | eth ip6 dst=2001:db8::254 udp | drop, policy | udp [2001:db8::1]:1000 [2001:db8::254]:2000 by 0
128 * audit proto udp comment "%"; drop dport 2000 | eth ip4 udp | drop, rule | udp 192.0.2.1:1000 192.0.2.2:2000 by 129
