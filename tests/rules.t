# Rule texts: as typed | canonical, or the exact message after "!". Each canonical form is fed back.

# Addresses
drop dst 10.0.0.5 | drop dst 10.0.0.5
drop dst 10.0.0.5/32 | drop dst 10.0.0.5
drop src 10.0.0.0/8 | drop src 10.0.0.0/8
drop src 0.0.0.0/0 | drop src 0.0.0.0/0
drop src 10.0.0.0-10.255.255.255 | drop src 10.0.0.0/8
drop src 10.0.0.1-10.0.0.9 | drop src 10.0.0.1-10.0.0.9
drop src 10.0.0.1-10.0.0.2 | drop src 10.0.0.1-10.0.0.2
drop src 10.0.0.7-10.0.0.7 | drop src 10.0.0.7
drop src 10.0.0.6-10.0.0.7 | drop src 10.0.0.6/31
drop src 0.0.0.0-255.255.255.255 | drop src 0.0.0.0/0
pass host 192.0.2.1 | pass host 192.0.2.1
pass host 192.0.2.1,192.0.2.0/24 | pass host 192.0.2.0/24,192.0.2.1
drop dst 10.0.0.9,10.0.0.5,10.0.0.7 | drop dst 10.0.0.5,10.0.0.7,10.0.0.9
drop dst 10.0.0.5,10.0.0.5/32,10.0.0.5-10.0.0.5 | drop dst 10.0.0.5
drop dst 10.0.0.5, 10.0.0.6 , 10.0.0.7 | drop dst 10.0.0.5,10.0.0.6,10.0.0.7
drop dst { 10.0.0.5, 10.0.0.6 } | drop dst 10.0.0.5,10.0.0.6
drop dst {10.0.0.5,10.0.0.6} | drop dst 10.0.0.5,10.0.0.6
drop dst { 10.0.0.5, 10.0.0.6, } | drop dst 10.0.0.5,10.0.0.6
drop dst { 10.0.0.5 } | drop dst 10.0.0.5
drop dst 2001:db8::5 | drop dst 2001:db8::5
drop dst 2001:db8::5/128 | drop dst 2001:db8::5
drop dst 2001:DB8:0:0::/32 | drop dst 2001:db8::/32
drop dst ::/0 | drop dst ::/0
drop dst ::1 | drop dst ::1
drop src 2001:db8::-2001:db8::ffff | drop src 2001:db8::/112
drop src 2001:db8::1-2001:db8::5 | drop src 2001:db8::1-2001:db8::5
drop src ::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff | drop src ::/0
drop src 2001:db8::-2001:db8:0:1:ffff:ffff:ffff:ffff | drop src 2001:db8::/63
drop src 2001:db8::1,10.0.0.1 | drop src 10.0.0.1,2001:db8::1
drop src ::ffff:192.0.2.1 | drop src ::ffff:192.0.2.1
drop not dst 10.0.0.0/8 | drop not dst 10.0.0.0/8
drop not dst 10.0.0.1,2001:db8::1 | drop not dst 10.0.0.1,2001:db8::1
drop src 10.0.0.0/8 not src 10.0.0.5 | drop src 10.0.0.0/8 not src 10.0.0.5
drop not src 10.0.0.5 src 10.0.0.0/8 | drop src 10.0.0.0/8 not src 10.0.0.5
drop host 10.0.0.1 host 10.0.0.2 | drop host 10.0.0.1 host 10.0.0.2
drop src 10.0.0.0/8 src 10.0.0.0-10.1.2.3 | drop src 10.0.0.0/8 src 10.0.0.0-10.1.2.3
drop dst 10.0.0.1,2001:db8::1 src 10.0.0.2 | drop src 10.0.0.2 dst 10.0.0.1,2001:db8::1
drop not src 10.0.0.1,2001:db8::2 dst 2001:db8::1 | drop not src 10.0.0.1,2001:db8::2 dst 2001:db8::1
drop not src 10.0.0.1,@bad dst 2001:db8::1 | drop not src @bad,10.0.0.1 dst 2001:db8::1
drop not src 10.0.0.1 dst 2001:db8::1 | ! this rule can never match: 'not src 10.0.0.1' with 'dst 2001:db8::1'
drop not host 10.0.0.1 ethertype ip6 | ! this rule can never match: 'not host 10.0.0.1' with 'ethertype ip6'
drop not src 10.0.0.1 not dst 2001:db8::1 | ! this rule can never match: 'not src 10.0.0.1' with 'not dst 2001:db8::1'

# Sets
drop src @bad | drop src @bad
drop not dst @bad | drop not dst @bad
drop host @bad,10.0.0.1 | drop host @bad,10.0.0.1
drop src 10.0.0.1,@bad,@also-bad | drop src @also-bad,@bad,10.0.0.1
drop src { @b, @a, @b } | drop src @a,@b
drop sport @web dport 80,@web.2 | drop sport @web dport @web.2,80
drop not port @web | drop not port @web
drop src @a dst @a | drop src @a dst @a
drop src @a not src @b,10.0.0.1 | drop src @a not src @b,10.0.0.1
drop src @a src 10.0.0.1 | drop src @a src 10.0.0.1
drop src @a dst 2001:db8::1 | drop src @a dst 2001:db8::1
drop dport @web,0-65535 proto udp | drop proto udp dport @web,0-65535
disabled drop src @bad comment "@bad" | disabled drop src @bad comment "@bad"
drop src @abcdefghijklmnopqrstuvwxyz12345 | drop src @abcdefghijklmnopqrstuvwxyz12345
drop src @abcdefghijklmnopqrstuvwxyz123456 | ! not the name of a set: '@abcdefghijklmnopqrstuvwxyz123456'
drop src @ | ! not the name of a set: '@'
drop src @1a | ! not the name of a set: '@1a'
drop src @a/24 | ! not the name of a set: '@a/24'
drop src "@b d" | ! not the name of a set: '@b d'
drop src @a not src @a | ! this rule can never match: 'src @a' with 'not src @a'
drop not dport @web,0-65535 | ! this rule can never match: 'not dport @web,0-65535'
drop proto @web | ! not a protocol: '@web'
drop len @web | ! not a length: '@web' (0 to 65535)
drop @bad | ! unknown word: '@bad'

# Protocols
drop proto tcp | drop proto tcp
drop proto 6 | drop proto tcp
drop proto TCP | ! not a protocol: 'TCP'
drop proto icmp | drop proto icmp
drop proto icmpv6 | drop proto icmpv6
drop proto icmp6 | drop proto icmpv6
drop proto ipv6-icmp | drop proto icmpv6
drop proto 58,1 | drop proto icmp,icmpv6
drop proto udp,tcp,udp | drop proto tcp,udp
drop proto 255 | drop proto 255
drop proto 135,139,140 | drop proto mobility-header,hip,shim6
drop ethertype ip proto 0,43,44,51,60 | drop ethertype ip proto hopopt,ipv6-route,ipv6-frag,ah,ipv6-opts
drop proto ah src 10.0.0.0/8 | drop proto ah src 10.0.0.0/8
drop proto ah not dst 10.0.0.1 | drop proto ah not dst 10.0.0.1
drop not ethertype ip6 not proto ah | drop not ethertype ip6 not proto ah
drop proto ipencap | drop proto ipencap
drop proto 94,4 | drop proto ipencap,94
drop proto ipip | ! 'ipip' may be protocol 4 or 94
drop not proto tcp,ipip | ! 'ipip' may be protocol 4 or 94
drop proto ipip-nos | ! not a protocol: 'ipip-nos'
drop ethertype loopback | drop ethertype loopback
drop proto 0 | ! 'hopopt' (0) is no protocol of IPv6: a header on the way to it
drop proto ipv6-route | ! 'ipv6-route' (43) is no protocol of IPv6: a header on the way to it
drop proto 44 | ! 'ipv6-frag' (44) is no protocol of IPv6: a header on the way to it
drop proto tcp,ah | ! 'ah' (51) is no protocol of IPv6: a header on the way to it
drop not proto ah | ! 'ah' (51) is no protocol of IPv6: a header on the way to it
drop proto ipv6-opts | ! 'ipv6-opts' (60) is no protocol of IPv6: a header on the way to it
drop proto ah src @bad | ! 'ah' (51) is no protocol of IPv6: a header on the way to it
drop proto 51 src 2001:db8::/32 | ! 'ah' (51) is no protocol of IPv6: a header on the way to it
drop proto ah not src 10.0.0.1,2001:db8::1 | ! 'ah' (51) is no protocol of IPv6: a header on the way to it
drop proto sctp,dccp,udplite | drop proto dccp,sctp,udplite
drop ethertype ip proto gre,esp,ah | drop ethertype ip proto gre,esp,ah
drop not proto tcp,udp | drop not proto tcp,udp
drop proto 200,gre | drop proto gre,200
drop proto tcp,udp not proto tcp | drop proto tcp,udp not proto tcp
drop proto icmp src 2001:db8::1 | drop proto icmp src 2001:db8::1

# Ports
drop dport 53 | drop dport 53
drop dport dns | drop dport 53
drop dport domain | drop dport 53
drop sport ssh | drop sport 22
drop port http,https | drop port 80,443
drop port 80-443 | drop port 80-443
drop port http-https | drop port 80-443
drop dport 1000-2000 | drop dport 1000-2000
drop dport ftp-data | drop dport 20
drop dport ftp-data-ssh | drop dport 20-22
drop dport ms-sql-s-2000 | drop dport 1433-2000
drop dport 0 | drop dport 0
drop dport 65535 | drop dport 65535
drop dport 0-65535 | drop dport 0-65535
drop dport 53-53 | drop dport 53
drop dport 53,53-53,dns | drop dport 53
drop dport 2000,80,1000-1500 | drop dport 80,1000-1500,2000
drop dport { ssh, 8000-8100, http } | drop dport 22,80,8000-8100
drop proto udp dport 53 | drop proto udp dport 53
drop dport 53 proto udp | drop proto udp dport 53
drop proto udp,icmp dport 53 | drop proto icmp,udp dport 53
drop proto udp not dport 53 | drop proto udp not dport 53
drop not port 22 | drop not port 22
drop sport 53 dport 53 | drop sport 53 dport 53
drop port 53 port 80 | drop port 53 port 80
drop dport 1-100 dport 50-200 | drop dport 1-100 dport 50-200
drop dport 1-100 not dport 50 | drop dport 1-100 not dport 50
drop not sport 1024-65535 dport 22 | drop not sport 1024-65535 dport 22
drop src 10.0.0.5 dport 22 | drop src 10.0.0.5 dport 22
drop ethertype ip6 dport 22 | drop ethertype ip6 dport 22

# ICMP
drop icmp echo-request | drop icmp echo-request
drop icmp 8 | drop icmp 8
drop icmp 128 | drop icmp 128
drop icmp 8,128 | drop icmp echo-request
drop icmp 128,8 | drop icmp echo-request
drop icmp 8/0 | drop icmp 8/0
drop icmp 3/4 | drop icmp 3/4
drop icmp destination-unreachable | drop icmp destination-unreachable
drop icmp destination-unreachable/1 | drop icmp destination-unreachable/1
drop icmp destination-unreachable/1,echo-request | drop icmp destination-unreachable/1,echo-request
drop icmp packet-too-big | drop icmp packet-too-big
drop icmp 2 | drop icmp 2
drop icmp nd-neighbor-solicit | drop icmp nd-neighbor-solicit
drop icmp neighbour-solicitation | drop icmp nd-neighbor-solicit
drop icmp neighbor-advertisement,nd-neighbor-solicit | drop icmp nd-neighbor-solicit,nd-neighbor-advert
drop icmp router-advertisement | drop icmp router-advertisement
drop icmp nd-router-advert | drop icmp nd-router-advert
drop icmp 9 | drop icmp 9
drop icmp redirect | drop icmp redirect
drop icmp nd-redirect | drop icmp nd-redirect
drop icmp 5/1 | drop icmp 5/1
drop icmp timestamp-request | drop icmp timestamp-request
drop icmp source-quench | drop icmp source-quench
drop icmp 200 | drop icmp 200
drop icmp 100 | drop icmp 100
drop proto icmp icmp echo-request | drop proto icmp icmp echo-request
drop proto icmpv6 icmp echo-request | drop proto icmpv6 icmp echo-request
drop icmp echo-request proto icmpv6 | drop proto icmpv6 icmp echo-request
drop proto icmp icmp 200 | drop proto icmp icmp 200
drop proto icmpv6 icmp 3 | drop proto icmpv6 icmp time-exceeded
drop proto icmpv6 icmp 1/4 | drop proto icmpv6 icmp destination-unreachable/4
drop proto icmpv6 icmp router-solicitation | drop proto icmpv6 icmp nd-router-solicit
drop ethertype ip icmp echo-reply | drop ethertype ip icmp echo-reply
drop ethertype ip6 icmp echo-reply | drop ethertype ip6 icmp echo-reply
drop src 10.0.0.1 icmp echo-request | drop icmp echo-request src 10.0.0.1
drop dst 2001:db8::1 icmp echo-request | drop icmp echo-request dst 2001:db8::1
drop src 2001:db8::1 icmp 1 | drop icmp destination-unreachable src 2001:db8::1
drop src 10.0.0.1,2001:db8::1 icmp echo-request | drop icmp echo-request src 10.0.0.1,2001:db8::1
drop not icmp echo-request | drop not icmp echo-request
drop proto icmp not icmp echo-request | drop proto icmp not icmp echo-request
drop icmp 8/0-3 | ! not an ICMP code: '0-3' (0 to 255)
drop not src 10.0.0.1 icmp 8 | drop icmp echo-request not src 10.0.0.1
drop proto icmp,icmpv6 icmp echo-request | drop proto icmp,icmpv6 icmp echo-request
drop proto icmp,tcp icmp echo-request | drop proto icmp,tcp icmp echo-request
drop icmp echo-request,packet-too-big,8/1 | drop icmp echo-request,8/1,packet-too-big
drop icmp echo-request not icmp echo-request/1 | drop icmp echo-request not icmp echo-request/1

# TCP flags
drop flags syn | drop flags syn
drop flags ack+syn | drop flags syn+ack
drop flags syn/syn+ack | drop flags syn/syn+ack
drop flags syn/syn+ack+fin+rst | drop flags syn/fin+syn+rst+ack
drop flags syn/all | drop flags syn/all
drop flags none/all | drop flags none/all
drop flags none/syn | drop flags none/syn
drop flags all | drop flags all
drop flags all/all | drop flags all
drop flags fin+syn+rst+psh+ack+urg+ece+cwr | drop flags all
drop flags fin+psh+urg/all | drop flags fin+psh+urg/all
drop flags syn,rst | drop flags syn,rst
drop flags rst,syn,rst | drop flags syn,rst
drop flags ack,syn/syn+ack | drop flags ack,syn/syn+ack
drop flags syn/syn+ack,rst/rst+ack | drop flags syn/syn+ack,rst/rst+ack
drop flags syn/syn | drop flags syn
drop not flags ack | drop not flags ack
drop proto tcp flags syn dport 22 | drop proto tcp dport 22 flags syn
drop flags syn not flags ack | drop flags syn not flags ack

# Interfaces, hooks, VLANs, fragments, lengths, ethertypes
drop in eth0 | drop in eth0
drop out eth0 | drop out eth0
drop in eth0,eth1 | drop in eth0,eth1
drop in eth1,eth0,eth1 | drop in eth0,eth1
drop in { eth0, wg-1 } | drop in eth0,wg-1
drop in eth0.100 | drop in eth0.100
drop in br-lan@1 | drop in br-lan@1
drop in "eth0" | drop in eth0
drop in "a,b" | drop in "a,b"
drop in "x\"y\\z" | drop in "x\"y\\z"
drop in "e\x1b[31m" | drop in "e\x1b[31m"
drop in "src" | drop in "src"
drop in fifteen-bytes-1 | drop in fifteen-bytes-1
drop in "drop",eth0 | drop in "drop",eth0
drop not in eth0 | drop not in eth0
drop not out eth0,eth1 | drop not out eth0,eth1
drop hook xdp | drop hook xdp
drop hook nf,tc | drop hook tc,nf
drop hook nf,tc,xdp | drop hook xdp,tc,nf
drop not hook xdp | drop not hook xdp
drop in eth0 hook xdp | drop hook xdp in eth0
drop out eth0 hook tc | drop hook tc out eth0
drop in eth0 hook xdp,tc | drop hook xdp,tc in eth0
drop vlan 10 | drop vlan 10
drop vlan 0 | drop vlan 0
drop vlan 4095 | drop vlan 4095
drop vlan 10-20,5 | drop vlan 5,10-20
drop vlan 10 vlan 20 | drop vlan 10 vlan 20
drop not vlan 10 | drop not vlan 10
drop not vlan 0 | drop not vlan 0
drop not vlan 10 hook nf | drop hook nf not vlan 10
drop vlan 0 hook nf | drop hook nf vlan 0
drop frag | drop frag
drop not frag | drop not frag
drop frag src 10.0.0.1 | drop src 10.0.0.1 frag
drop src 10.0.0.1 frag proto udp | drop proto udp src 10.0.0.1 frag
drop frag dport 53 | drop dport 53 frag
drop dscp 46 | drop dscp ef
drop dscp 0x2e,af41,EF,1 | ! not a DSCP: 'EF'
drop dscp 0x2e,af41,ef,1 | drop dscp le,af41,ef
drop dscp be | drop dscp cs0
drop dscp 0,44,63 | drop dscp cs0,va,63
drop not dscp cs0 | drop not dscp cs0
pass ethertype ip6 dscp ef proto udp | pass ethertype ip6 proto udp dscp ef
drop ttl 255 | drop ttl 255
drop ttl 5-5,0-1,64 | drop ttl 0-1,5,64
drop not ttl 255 dscp ef proto tcp dport 179 | drop proto tcp dscp ef not ttl 255 dport 179
drop len 1500 | drop len 1500
drop len 0-64 | drop len 0-64
drop len 65535 | drop len 65535
drop len 64-64,1500-9000 | drop len 64,1500-9000
drop not len 0-1500 | drop not len 0-1500
drop len 0-100 len 50-200 | drop len 0-100 len 50-200
drop ethertype arp | drop ethertype arp
drop ethertype 0x0806 | drop ethertype arp
drop ethertype 0x806 | drop ethertype arp
drop ethertype 0x88B5 | drop ethertype 0x88b5
drop ethertype ip,ip6 | drop ethertype ip,ip6
drop ethertype ipv4 | drop ethertype ip
drop ethertype ipv6 | drop ethertype ip6
drop ethertype lldp,arp | drop ethertype arp,lldp
drop ethertype llc,mpls,pppoe | drop ethertype llc,mpls,pppoe
drop ethertype 0x0 | drop ethertype 0x0000
drop not ethertype ip,ip6 | drop not ethertype ip,ip6
drop not ethertype arp | drop not ethertype arp
drop not ethertype ip src 2001:db8::1 | drop not ethertype ip src 2001:db8::1
drop ethertype ip,arp src 10.0.0.1 | drop ethertype ip,arp src 10.0.0.1
drop ethertype ip proto tcp | drop ethertype ip proto tcp
drop ethertype arp vlan 10 len 28 | drop ethertype arp vlan 10 len 28
drop ethertype arp in eth0 | drop in eth0 ethertype arp

# Limits
limit 1000pps dst 10.0.0.5 | limit 1000pps burst 100 dst 10.0.0.5
limit 1000pps burst 200 per src proto udp dport 53 | limit 1000pps burst 200 per src proto udp dport 53
limit 1000pps per src burst 200 proto udp dport 53 | limit 1000pps burst 200 per src proto udp dport 53
limit 10pps frag | limit 10pps burst 5 frag
limit 10kpps frag | limit 10000pps burst 1000 frag
limit 2MPPS frag | limit 2000000pps burst 200000 frag
limit 1000mpps frag | limit 1000000000pps burst 100000000 frag
limit 10/s frag | limit 10pps burst 5 frag
limit 5/m frag | limit 5/m burst 5 frag
limit 5/minute burst 1 frag | limit 5/m burst 1 frag
limit 60/min frag | limit 1pps burst 5 frag
limit 120/h frag | limit 2/m burst 5 frag
limit 86400/day frag | limit 1pps burst 5 frag
limit 7/d frag | limit 7/d burst 5 frag
limit 10mbit frag | limit 10mbit burst 123k frag
limit 64kbit frag | limit 64kbit burst 16k frag
limit 64000bit frag | limit 64kbit burst 16k frag
limit 1500kbit frag | limit 1500kbit burst 19k frag
limit 1gbit burst 1m frag | limit 1gbit burst 1m frag
limit 1000gbit frag | limit 1000gbit burst 1024m frag
limit 10Mbit burst 1500 per dst frag | limit 10mbit burst 1500 per dst frag
limit 10mbit burst 65536 frag | limit 10mbit burst 64k frag
limit 1bit burst 1 frag | limit 1bit burst 1 frag
limit 1pps per flow frag | limit 1pps burst 5 per flow frag
limit 1pps per src/24 frag | limit 1pps burst 5 per src/24 frag
limit 1pps per dst/24/64 frag | limit 1pps burst 5 per dst/24 frag
limit 1pps per src/24/56 frag | limit 1pps burst 5 per src/24/56 frag
limit 1pps per src/64 frag | limit 1pps burst 5 per src/64 frag
limit 1pps per src/32 frag | limit 1pps burst 5 per src/64 frag
limit 1pps per src/32/128 frag | limit 1pps burst 5 per src frag
limit 1pps per src/128 frag | limit 1pps burst 5 per src frag
limit 1pps per src/32/20 frag | limit 1pps burst 5 per src/32/20 frag
limit 1pps per src/0 frag | limit 1pps burst 5 per src/0 frag
limit 1pps per src src 10.0.0.0/8 | limit 1pps burst 5 per src src 10.0.0.0/8
limit 1pps per src dst 10.0.0.0/8 comment "x" | limit 1pps burst 5 per src dst 10.0.0.0/8 comment "x"
disabled limit 1pps frag | disabled limit 1pps burst 5 frag
limit | ! limit needs a rate
limit dst 10.0.0.5 | ! limit needs a rate
limit 1000 dst 10.0.0.5 | ! not a rate: '1000'
limit pps dst 10.0.0.5 | ! not a rate: 'pps'
limit 010pps dst 10.0.0.5 | ! not a rate: '010pps'
limit 1.5mbit dst 10.0.0.5 | ! not a rate: '1.5mbit'
limit -1pps dst 10.0.0.5 | ! not a rate: '-1pps'
limit 10Mbps dst 10.0.0.5 | ! not a rate: '10Mbps'
limit 10/w dst 10.0.0.5 | ! not a rate: '10/w'
limit 0pps dst 10.0.0.5 | ! a rate of nothing is 'drop': '0pps'
limit 1001mpps dst 10.0.0.5 | ! the rate is too high: '1001mpps' (at most 1000mpps or 1000gbit)
limit 999999999999999gbit dst 10.0.0.5 | ! the rate is too high: '999999999999999gbit' (at most 1000mpps or 1000gbit)
limit 9999999999999999pps dst 10.0.0.5 | ! not a rate: '9999999999999999pps'
limit 10pps | ! a rule needs a match
limit 10pps burst 5 | ! a rule needs a match
limit 10pps per src | ! a rule needs a match
limit 10pps comment x | ! a rule needs a match
limit 10pps for 5m | ! a rule needs a match
limit 10pps 10.0.0.5 | ! unknown word: '10.0.0.5'
limit 10pps drop dst 10.0.0.5 | ! a rule has one action: 'drop' is a second one
drop dst 10.0.0.5 limit 10pps | ! a rule has one action: 'limit' is a second one
drop limit 10pps dst 10.0.0.5 | ! a rule has one action: 'limit' is a second one
limit 10pps burst | ! burst needs a number
limit 10pps burst dst 10.0.0.5 | ! burst needs a number
limit 10pps burst 0 dst 10.0.0.5 | ! not a burst: '0'
limit 10pps burst 1k dst 10.0.0.5 | ! not a burst: '1k'
limit 10mbit burst 1g dst 10.0.0.5 | ! not a burst: '1g'
limit 10mbit burst 1025m dst 10.0.0.5 | ! the burst is too large: '1025m' (at most 1073741824)
limit 10pps burst 5 burst 6 dst 10.0.0.5 | ! the burst is given a second time: '6'
limit 1/d burst 101 dst 10.0.0.5 | ! a burst of 101 is 101 days at that rate: at most 100
limit 1bit burst 2m dst 10.0.0.5 | ! a burst of 2097152 is 194 days at that rate: at most 100
limit 1bit burst 1m dst 10.0.0.5 | limit 1bit burst 1m dst 10.0.0.5
limit 10pps dst 10.0.0.5 burst 5 | ! 'burst' stands behind the rate of a limit
drop dst 10.0.0.5 per src | ! 'per' stands behind the rate of a limit
limit 10pps per | ! per needs src, dst or flow
limit 10pps per not dst 10.0.0.5 | ! per needs src, dst or flow
limit 10pps per port dst 10.0.0.5 | ! a limit is not per 'port'
limit 10pps per src/33/64 dst 10.0.0.5 | ! a limit is not per 'src/33/64'
limit 10pps per src/129 dst 10.0.0.5 | ! a limit is not per 'src/129'
limit 10pps per src/24/ dst 10.0.0.5 | ! a limit is not per 'src/24/'
limit 10pps per src/ dst 10.0.0.5 | ! a limit is not per 'src/'
limit 10pps per flow/24 dst 10.0.0.5 | ! a limit is not per 'flow/24'
limit 10pps per src per dst dst 10.0.0.5 | ! a limit is per one thing: 'dst' is a second one
limit 10pps proto tcp icmp 8 | ! this rule can never match: 'proto tcp' with 'icmp 8'

# Timed rules
drop dst 10.0.0.5 for 10m | drop dst 10.0.0.5 for 10m
drop dst 10.0.0.5 for 90m comment "x" | drop dst 10.0.0.5 for 1h30m comment "x"
limit 10pps dst 10.0.0.5 for 1d | limit 10pps burst 5 dst 10.0.0.5 for 1d
disabled audit frag for 3650d | disabled audit frag for 3650d
drop dst 10.0.0.5 for | ! for needs a time
drop dst 10.0.0.5 for comment x | ! for needs a time
drop dst 10.0.0.5 for 10 | ! not a time: '10'
drop dst 10.0.0.5 for 0s | ! not a time: '0s'
drop dst 10.0.0.5 for 3651d | ! not a time: '3651d'
drop dst 10.0.0.5 for 5m for 6m | ! the time is given a second time: 'for'
drop dst 10.0.0.5 for 5m src 10.0.0.6 | ! unknown word: 'src'
drop dst 10.0.0.5 comment x for 5m | ! nothing may follow the comment: 'for'
drop for 5m dst 10.0.0.5 | ! a rule needs a match
drop not for 5m | ! not needs a match after it
drop in for | ! in needs an interface
drop in "for","per",burst2,"limit" | drop in burst2,"for","limit","per"

# Actions, order, comments, spacing
pass src 10.0.0.1 | pass src 10.0.0.1
audit src 10.0.0.1 | audit src 10.0.0.1
drop   src	10.0.0.1 | drop src 10.0.0.1
drop src 10.0.0.1 # a remark | drop src 10.0.0.1
drop src 10.0.0.1; | drop src 10.0.0.1
;drop src 10.0.0.1 | drop src 10.0.0.1
drop src 10.0.0.1 comment web | drop src 10.0.0.1 comment "web"
drop src 10.0.0.1 comment "two words" | drop src 10.0.0.1 comment "two words"
drop src 10.0.0.1 comment "say \"no\" \\ # , { ;" | drop src 10.0.0.1 comment "say \"no\" \\ # , { ;"
drop src 10.0.0.1 comment 01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567 | drop src 10.0.0.1 comment "01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
drop src 10.0.0.1 comment 012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678 | ! the comment has 129 bytes: at most 128
drop src 10.0.0.1 comment drop | drop src 10.0.0.1 comment "drop"
drop src 10.0.0.1 comment comment | drop src 10.0.0.1 comment "comment"
drop src 10.0.0.1 comment "Zürich" | drop src 10.0.0.1 comment "Zürich"
drop src 10.0.0.1 comment "\xc3\xbc \xff" | drop src 10.0.0.1 comment "ü \xff"
drop src 10.0.0.1 comment "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567" | ! the comment has 148 bytes: at most 128
drop len 40-60 frag flags syn dport 1 sport 2 port 2 dst 10.0.0.1 src 10.0.0.2 host 10.0.0.2 proto tcp vlan 4 ethertype ip in eth0 hook xdp comment "all of them" | drop hook xdp in eth0 ethertype ip vlan 4 proto tcp host 10.0.0.2 src 10.0.0.2 dst 10.0.0.1 port 2 sport 2 dport 1 flags syn frag len 40-60 comment "all of them"
drop not len 1 not frag not flags syn not dport 1 not sport 2 not port 3 not dst 10.0.0.1 not src 10.0.0.2 not host 10.0.0.3 not proto udp not vlan 4 not ethertype ip6 not out eth0 not hook xdp | drop not hook xdp not out eth0 not ethertype ip6 not vlan 4 not proto udp not host 10.0.0.3 not src 10.0.0.2 not dst 10.0.0.1 not port 3 not sport 2 not dport 1 not flags syn not frag not len 1

# Words that are wrong
drop | ! a rule needs a match
drop comment "x" | ! a rule needs a match
dst 10.0.0.5 | ! not an action: 'dst'
drp dst 10.0.0.5 | ! not an action: 'drp'
Drop dst 10.0.0.5 | ! not an action: 'Drop'
permit dst 10.0.0.5 | ! not an action: 'permit'
"drop" dst 10.0.0.5 | ! not an action: 'drop'
drop dprot 53 | ! unknown word: 'dprot'
drop destination 10.0.0.5 | ! unknown word: 'destination'
drop dst | ! dst needs an address
drop src proto tcp | ! src needs an address
drop dst 10.0.0.1 dport | ! dport needs a port
drop dport proto tcp | ! dport needs a port
drop dport 80, proto tcp | ! a value is missing before 'proto'
drop in | ! in needs an interface
drop out hook tc | ! out needs an interface
drop hook | ! hook needs xdp, tc or nf
drop ethertype | ! ethertype needs a name or number
drop vlan | ! vlan needs a VLAN id
drop proto | ! proto needs a protocol
drop proto src 10.0.0.1 | ! proto needs a protocol
drop icmp | ! icmp needs an ICMP type
drop icmp proto icmp | ! icmp needs an ICMP type
drop flags | ! flags needs names of TCP flags
drop len | ! len needs a length
drop ttl | ! ttl needs a TTL
drop dscp | ! dscp needs a name or number
drop not | ! not needs a match after it
drop not not src 10.0.0.1 | ! not needs a match after it
drop not comment x | ! not needs a match after it
drop frag frag 1 | ! unknown word: '1'
drop frag 1 | ! unknown word: '1'
drop src 10.0.0.1 comment | ! comment needs a text
drop src 10.0.0.1 comment "" | ! comment needs a text
drop src 10.0.0.1 comment a b | ! nothing may follow the comment: 'b'
drop src 10.0.0.1 comment "a" dst 10.0.0.2 | ! nothing may follow the comment: 'dst'
drop src 10.0.0.1 comment "unfinished | ! the closing '"' is missing
drop src 10.0.0.1 comment "a\nb" | ! unknown escape: '\n'
drop src 10.0.0.1 comment "a\x1bb" | ! a comment holds no control bytes
drop src 10.0.0.1 comment "a\x00b" | ! unknown escape: '\x'
drop src 10.0.0.1 comment "01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789" | ! the comment has 140 bytes: at most 128
drop src 10.0.0.1 pass | ! a rule has one action: 'pass' is a second one
drop src 10.0.0.1; drop src 10.0.0.2 | ! one rule only: 'drop' begins another
drop src 10.0.0.1 commnet x | ! unknown word: 'commnet'
drop 10.0.0.5 | ! unknown word: '10.0.0.5'
drop tcp dport 80 | ! unknown word: 'tcp'
drop dport 80 443 | ! unknown word: '443'
drop src 10.0.0.1 10.0.0.2 | ! unknown word: '10.0.0.2'
drop sr 10.0.0.1 | ! unknown word: 'sr'
drop ds 10.0.0.1 | ! unknown word: 'ds'

# Lists that are wrong
drop src {} | ! the list is empty
drop src { } | ! the list is empty
drop src , | ! src needs an address
drop src 10.0.0.1, | ! a value is missing after ','
drop src 10.0.0.1,,10.0.0.2 | ! a value is missing after ','
drop src { 10.0.0.1 | ! '}' is missing at the end of the list
drop src { 10.0.0.1,  | ! a value is missing after ','
drop src 10.0.0.1 } | ! unexpected '}'
drop src { 10.0.0.1 } 10.0.0.2 | ! unknown word: '10.0.0.2'
drop , src 10.0.0.1 | ! unexpected ','
drop src { { 10.0.0.1 } } | ! unexpected '{'

# Values that are wrong
drop dst 10.0.0.500 | ! not an address or prefix: '10.0.0.500'
drop dst 10.0.0 | ! not an address or prefix: '10.0.0'
drop dst 10.0.0.05 | ! not an address or prefix: '10.0.0.05'
drop dst example.com | ! not an address or prefix: 'example.com'
drop dst 10.0.0.0/33 | ! not a prefix length: '/33' (0 to 32)
drop dst 10.0.0.0/-1 | ! not a prefix length: '/-1' (0 to 32)
drop dst 10.0.0.0/ | ! not a prefix length: '/' (0 to 32)
drop dst 10.0.0.0/08 | ! not a prefix length: '/08' (0 to 32)
drop dst 10.0.0.0/255.0.0.0 | ! not a prefix length: '/255.0.0.0' (0 to 32)
drop dst 10.0.0.5/8 | ! '10.0.0.5/8' has bits beyond its prefix
drop dst 2001:db8::/129 | ! not a prefix length: '/129' (0 to 128)
drop dst 2001:db8::1/32 | ! '2001:db8::1/32' has bits beyond its prefix
drop dst 10.0.0.9-10.0.0.1 | ! range is backwards: '10.0.0.9-10.0.0.1'
drop dst 2001:db8::9-2001:db8::1 | ! range is backwards: '2001:db8::9-2001:db8::1'
drop dst 10.0.0.1-2001:db8::1 | ! range mixes IPv4 and IPv6: '10.0.0.1-2001:db8::1'
drop dst 10.0.0.1- | ! not an address or prefix: '10.0.0.1-'
drop dst 10.0.0.1-5 | ! not an address or prefix: '10.0.0.1-5'
drop dst fe80::1%eth0 | ! not an address or prefix: 'fe80::1%eth0'
drop dst [2001:db8::1] | ! not an address or prefix: '[2001:db8::1]'
drop dst 2001:db8::g | ! not an address or prefix: '2001:db8::g'
drop dst ::: | ! not an address or prefix: ':::'
drop dst 10.0.0.1,10.0.0.500 | ! not an address or prefix: '10.0.0.500'
drop proto 256 | ! not a protocol: '256' (0 to 255)
drop proto tpc | ! not a protocol: 'tpc'
drop proto xyzzy | ! not a protocol: 'xyzzy'
drop proto -1 | ! not a protocol: '-1'
drop dport 70000 | ! not a port: '70000' (0 to 65535)
drop dport 65536 | ! not a port: '65536' (0 to 65535)
drop dport -1 | ! not a port or service name: '-1'
drop dport 080 | ! not a port: '080' (0 to 65535)
drop dport 1.5 | ! not a port: '1.5' (0 to 65535)
drop dport htpp | ! not a port or service name: 'htpp'
drop dport no-such-service | ! not a port or service name: 'no-such-service'
drop dport 2000-1000 | ! range is backwards: '2000-1000'
drop dport 1000-70000 | ! not a port: '1000-70000' (0 to 65535)
drop dport 1000- | ! not a port: '1000-' (0 to 65535)
drop dport 10000000000000000000000053 | ! not a port: '10000000000000000000000053' (0 to 65535)
drop vlan 4096 | ! not a VLAN id: '4096' (0 to 4095)
drop vlan ten | ! not a VLAN id: 'ten' (0 to 4095)
drop vlan 20-10 | ! range is backwards: '20-10'
drop len 65536 | ! not a length: '65536' (0 to 65535)
drop len 10-5 | ! range is backwards: '10-5'
drop dscp 64 | ! not a DSCP: '64' (0 to 63)
drop dscp 0x40 | ! not a DSCP: '0x40' (0 to 63)
drop dscp af44 | ! not a DSCP: 'af44'
drop dscp 1-5 | ! not a DSCP: '1-5'
drop ethertype arp dscp ef | ! this rule can never match: 'ethertype arp' with 'dscp ef'
drop dscp ef dscp cs1 | ! this rule can never match: 'dscp ef' with 'dscp cs1'
drop ttl 256 | ! not a TTL: '256' (0 to 255)
drop ttl 9-8 | ! range is backwards: '9-8'
drop not ttl 0-255 | ! this rule can never match: 'not ttl 0-255'
drop ethertype lldp ttl 1 | ! this rule can never match: 'ethertype lldp' with 'ttl 1'
drop len many | ! not a length: 'many' (0 to 65535)
drop icmp 256 | ! not an ICMP type: '256' (0 to 255)
drop icmp echo-reqest | ! not an ICMP type: 'echo-reqest'
drop icmp 8/256 | ! not an ICMP code: '256' (0 to 255)
drop icmp 8/ | ! not an ICMP code: '' (0 to 255)
drop icmp ping | ! not an ICMP type: 'ping'
drop flags sin | ! not a TCP flag: 'sin'
drop flags syn+ | ! not a TCP flag: ''
drop flags syn+nak | ! not a TCP flag: 'nak'
drop flags none | ! flags 'none' looks at no flag
drop flags syn/none | ! flags 'syn/none' looks at no flag
drop flags syn/ack | ! flags 'syn/ack' can never match: a flag is not in the mask
drop flags syn/ | ! not a TCP flag: ''
drop flags syn/syn,ack | ! flags of a mask are joined by '+', not by ','
drop flags syn|ack | ! not a TCP flag: 'syn|ack'
drop ethertype 2054 | ! not an ethertype: '2054'
drop ethertype 0x10000 | ! not an ethertype: '0x10000' (0x0000 to 0xffff)
drop ethertype 0x | ! not an ethertype: '0x' (0x0000 to 0xffff)
drop ethertype 0xzz | ! not an ethertype: '0xzz' (0x0000 to 0xffff)
drop ethertype apr | ! not an ethertype: 'apr'
drop ethertype vlan | ! not an ethertype: 'vlan'
drop hook ingress | ! not a hook (xdp, tc or nf): 'ingress'
drop hook xpd | ! not a hook (xdp, tc or nf): 'xpd'
drop in "" | ! not an interface name: '' (1 to 15 bytes, no blanks, no '/')
drop in "two words" | ! not an interface name: 'two words' (1 to 15 bytes, no blanks, no '/')
drop in a/b | ! not an interface name: 'a/b' (1 to 15 bytes, no blanks, no '/')
drop in sixteen-bytes-xx | ! not an interface name: 'sixteen-bytes-xx' (1 to 15 bytes, no blanks, no '/')
drop in . | ! not an interface name: '.' (1 to 15 bytes, no blanks, no '/')
drop in .. | ! not an interface name: '..' (1 to 15 bytes, no blanks, no '/')

# Rules that can never match
drop src 10.0.0.1 dst 2001:db8::1 | ! this rule can never match: 'src 10.0.0.1' with 'dst 2001:db8::1'
drop src 2001:db8::/32 host 10.0.0.1 | ! this rule can never match: 'src 2001:db8::/32' with 'host 10.0.0.1'
drop src 10.0.0.1,10.0.0.2 dst ::1,::2 | ! this rule can never match: 'src 10.0.0.1,10.0.0.2' with 'dst ::1,::2'
drop proto icmp dport 53 | ! this rule can never match: 'proto icmp' with 'dport 53'
drop proto icmp,gre sport 53 | ! this rule can never match: 'proto icmp,gre' with 'sport 53'
drop dport 53 proto icmpv6 | ! this rule can never match: 'dport 53' with 'proto icmpv6'
drop icmp echo-request dport 53 | ! this rule can never match: 'icmp echo-request' with 'dport 53'
drop icmp 8 proto tcp | ! this rule can never match: 'icmp 8' with 'proto tcp'
drop proto icmpv6 icmp source-quench | ! this rule can never match: 'proto icmpv6' with 'icmp source-quench'
drop proto icmp icmp packet-too-big | ! this rule can never match: 'proto icmp' with 'icmp packet-too-big'
drop src 10.0.0.1 icmp packet-too-big | ! this rule can never match: 'src 10.0.0.1' with 'icmp packet-too-big'
drop src 2001:db8::1 icmp source-quench | ! this rule can never match: 'src 2001:db8::1' with 'icmp source-quench'
drop proto udp flags syn | ! this rule can never match: 'proto udp' with 'flags syn'
drop flags syn icmp 8 | ! this rule can never match: 'flags syn' with 'icmp 8'
drop not proto tcp flags syn | ! this rule can never match: 'not proto tcp' with 'flags syn'
drop proto tcp proto udp | ! this rule can never match: 'proto tcp' with 'proto udp'
drop proto tcp not proto tcp | ! this rule can never match: 'proto tcp' with 'not proto tcp'
drop proto tcp not proto tcp,udp | ! this rule can never match: 'proto tcp' with 'not proto tcp,udp'
drop proto icmp not dport 53 | ! this rule can never match: 'proto icmp' with 'not dport 53'
drop src 10.0.0.1 src 10.0.0.2 | ! this rule can never match: 'src 10.0.0.1' with 'src 10.0.0.2'
drop src 10.0.0.5 not src 10.0.0.0/8 | ! this rule can never match: 'src 10.0.0.5' with 'not src 10.0.0.0/8'
drop dport 53 dport 80 | ! this rule can never match: 'dport 53' with 'dport 80'
drop dport 53 not dport 1-100 | ! this rule can never match: 'dport 53' with 'not dport 1-100'
drop port 53 not port 53 | ! this rule can never match: 'port 53' with 'not port 53'
drop sport 1-10 sport 11-20 | ! this rule can never match: 'sport 1-10' with 'sport 11-20'
drop len 1-10 len 11-20 | ! this rule can never match: 'len 1-10' with 'len 11-20'
drop not len 0-65535 | ! this rule can never match: 'not len 0-65535'
drop not len 0-100,101-65535 | ! this rule can never match: 'not len 0-100,101-65535'
drop not dport 0-65535 | ! this rule can never match: 'not dport 0-65535'
drop not vlan 0-4095 | ! this rule can never match: 'not vlan 0-4095'
drop not hook xdp,tc,nf | ! this rule can never match: 'not hook xdp,tc,nf'
drop flags syn flags none/syn | ! this rule can never match: 'flags syn' with 'flags none/syn'
drop flags syn not flags syn | ! this rule can never match: 'flags syn' with 'not flags syn'
drop flags syn+ack not flags syn | ! this rule can never match: 'flags syn+ack' with 'not flags syn'
drop frag not frag | ! this rule can never match: 'frag' with 'not frag'
drop in eth0 out eth1 | ! this rule can never match: 'in eth0' with 'out eth1'
drop not in eth0 out eth1 | ! this rule can never match: 'not in eth0' with 'out eth1'
drop in eth0 in eth1 | ! this rule can never match: 'in eth0' with 'in eth1'
drop in eth0 not in eth0 | ! this rule can never match: 'in eth0' with 'not in eth0'
drop in eth0 hook tc | ! this rule can never match: 'in eth0' with 'hook tc'
drop in eth0 hook tc,nf | ! this rule can never match: 'in eth0' with 'hook tc,nf'
drop out eth0 hook xdp | ! this rule can never match: 'out eth0' with 'hook xdp'
drop in eth0 not hook xdp | ! this rule can never match: 'in eth0' with 'not hook xdp'
drop hook xdp hook nf | ! this rule can never match: 'hook xdp' with 'hook nf'
drop hook nf vlan 10 | ! this rule can never match: 'hook nf' with 'vlan 10'
drop hook nf not vlan 0 | ! this rule can never match: 'hook nf' with 'not vlan 0'
drop hook nf ethertype arp | ! this rule can never match: 'hook nf' with 'ethertype arp'
drop ethertype arp src 10.0.0.1 | ! this rule can never match: 'ethertype arp' with 'src 10.0.0.1'
drop ethertype arp proto tcp | ! this rule can never match: 'ethertype arp' with 'proto tcp'
drop ethertype arp dport 53 | ! this rule can never match: 'ethertype arp' with 'dport 53'
drop ethertype arp icmp 8 | ! this rule can never match: 'ethertype arp' with 'icmp 8'
drop ethertype arp frag | ! this rule can never match: 'ethertype arp' with 'frag'
drop ethertype arp flags syn | ! this rule can never match: 'ethertype arp' with 'flags syn'
drop ethertype ip src 2001:db8::1 | ! this rule can never match: 'ethertype ip' with 'src 2001:db8::1'
drop ethertype ip6 dst 10.0.0.1 | ! this rule can never match: 'ethertype ip6' with 'dst 10.0.0.1'
drop ethertype ip ethertype arp | ! this rule can never match: 'ethertype ip' with 'ethertype arp'
drop not ethertype ip src 10.0.0.1 | ! this rule can never match: 'not ethertype ip' with 'src 10.0.0.1'
drop not ethertype ip,ip6 proto tcp | ! this rule can never match: 'not ethertype ip,ip6' with 'proto tcp'
drop icmp 8 icmp 0 | ! this rule can never match: 'icmp 8' with 'icmp 0'
drop icmp echo-request/1 not icmp echo-request | ! this rule can never match: 'icmp echo-request/1' with 'not icmp echo-request'

# Disabled rules; what is a word only where a line begins
disabled drop dst 10.0.0.5/32 | disabled drop dst 10.0.0.5
disabled   audit vlan 7 comment "later" | disabled audit vlan 7 comment "later"
drop in disabled,policy | drop in disabled,policy
drop comment disabled | ! a rule needs a match
drop vlan 1 comment disabled | drop vlan 1 comment "disabled"
disabled | ! disabled needs a rule after it
disabled disabled drop vlan 1 | ! not an action: 'disabled'
drop disabled vlan 1 | ! unknown word: 'disabled'
disabled drop dst 10.0.0.500 | ! not an address or prefix: '10.0.0.500'
policy drop | ! not an action: 'policy'
include "x" | ! not an action: 'include'
drop dst $lan | ! not an address or prefix: '$lan'

# Ethernet addresses: fields of two words
drop ether src 00:11:22:AA:bb:Cc | drop ether src 00:11:22:aa:bb:cc
drop ether dst 01:00:00:00:00:00/01:00:00:00:00:00 | drop ether dst 01:00:00:00:00:00/01:00:00:00:00:00
drop ether dst 01:00:00:00:00:00/ff:ff:ff:ff:ff:ff | drop ether dst 01:00:00:00:00:00
drop ether src 00:11:22:33:44:55,00:11:22:33:44:50 not ether dst ff:ff:ff:ff:ff:ff | drop ether src 00:11:22:33:44:50,00:11:22:33:44:55 not ether dst ff:ff:ff:ff:ff:ff
drop src 10.0.0.1 ether src {00:11:22:33:44:55} | drop ether src 00:11:22:33:44:55 src 10.0.0.1
drop ether src 00:11:22:33:44:55 src 10.0.0.1 dst 10.0.0.2 | drop ether src 00:11:22:33:44:55 src 10.0.0.1 dst 10.0.0.2
drop ether "src" 00:11:22:33:44:55 | drop ether src 00:11:22:33:44:55
drop "ether src" 00:11:22:33:44:55 | ! unknown word: 'ether src'
drop in "ether" | drop in "ether"
drop in ether | ! in needs an interface
drop ether | ! ether needs src or dst
drop ether len 5 | ! ether needs src or dst
drop ether type 5 | ! ether needs src or dst
drop ether {src} 5 | ! ether needs src or dst
drop ether src | ! ether src needs an Ethernet address
drop ether src dst 10.0.0.1 | ! ether src needs an Ethernet address
drop src ether dst 10.0.0.1 | ! src needs an address
drop ether src 00:11:22:33:44 | ! not an Ethernet address: '00:11:22:33:44'
drop ether src 00:11:22:33:44:55:66 | ! not an Ethernet address: '00:11:22:33:44:55:66'
drop ether src 00:11:22:33:44:55/24 | ! not an Ethernet address: '24'
drop ether src 00:11:22:33:44:55/ff:ff:ff:00:00:00 | ! ether src '00:11:22:33:44:55/ff:ff:ff:00:00:00' can never match: a bit is not in the mask
drop ether src 00:00:00:00:00:00/00:00:00:00:00:00 | ! ether src '00:00:00:00:00:00/00:00:00:00:00:00' looks at no bit
drop hook nf ether src 00:11:22:33:44:55 | ! this rule can never match: 'hook nf' with 'ether src 00:11:22:33:44:55'
drop ether src 00:11:22:33:44:55 ether src 00:11:22:33:44:56 | ! this rule can never match: 'ether src 00:11:22:33:44:55' with 'ether src 00:11:22:33:44:56'
limit 5/s per ether src 00:11:22:33:44:55 | ! per needs src, dst or flow
limit 5/s ether src 00:11:22:33:44:55 | limit 5pps burst 5 ether src 00:11:22:33:44:55
drop not ether | ! ether needs src or dst
drop ether comment x | ! ether needs src or dst
drop len 5 comment ether | drop len 5 comment "ether"
drop len 5 comment ether src | ! nothing may follow the comment: 'src'

# Marks
drop mark 16 | drop mark 0x10
drop mark 0x10/0xff | drop mark 0x10/0xff
drop mark 4294967295,0 | drop mark 0x0,0xffffffff
drop mark 4294967296 | ! not a mark: '4294967296' (0 to 4294967295)
drop mark 1/2 | ! mark '1/2' can never match: a bit is not in the mask
drop mark 0/0 | ! mark '0/0' looks at no bit
drop in eth0 mark 1 | ! this rule can never match: 'in eth0' with 'mark 1'
drop mark 1 ethertype arp | drop ethertype arp mark 0x1
