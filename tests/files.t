# Files of rules. Lines with ">" are the file; those with "<" what it says in canonical form, or
# "! LINE:COLUMN+WIDTH MESSAGE". A blank line ends a row.

# Rules, marks and remarks
> drop dst 10.0.0.5
< policy pass
< drop dst 10.0.0.5

>
< policy pass

> # nothing but a remark
< policy pass

> drop dst 10.0.0.5; pass src 10.0.0.6 ;; audit vlan 7
< policy pass
< drop dst 10.0.0.5
< pass src 10.0.0.6
< audit vlan 7

>   drop   dst 10.0.0.5   # why
>
> pass proto tcp dport { 22, 80 } comment "a # b; c"
< policy pass
< drop dst 10.0.0.5
< pass proto tcp dport 22,80 comment "a # b; c"

> drop dst 10.0.0.5
> drop dst 10.0.0.500
< ! 2:9+10 not an address or prefix: '10.0.0.500'

> pass vlan 1; drop dst 10.0.0.500
< ! 1:22+10 not an address or prefix: '10.0.0.500'

> drop dst 10.0.0.5,
< ! 1:17+1 a value is missing after ','

> drop dst {10.0.0.5
> pass vlan 1
< ! 1:18+1 '}' is missing at the end of the list

> drop proto tcp icmp 8
< ! 1:15+6 this rule can never match: 'proto tcp' with 'icmp 8'

> drop dst 10.0.0.5 comment "open
< ! 1:26+5 the closing '"' is missing

> drop
> pass vlan 1
< ! 1:0+4 a rule needs a match

> drop vlan 1 pass vlan 2
< ! 1:12+4 a rule has one action: 'pass' is a second one

> frob vlan 1
< ! 1:0+4 not an action: 'frob'

# A byte order mark, as editors of other systems write it
> ﻿drop dst 10.0.0.5
> pass vlan 1
< policy pass
< drop dst 10.0.0.5
< pass vlan 1

> drop dst 10.0.0.5
> ﻿pass vlan 1
< ! 2:0+7 not an action: '﻿pass'

# A whole rule out of a define
> define OFF = disabled
> define RULE = disabled drop vlan 1 comment disabled
> $OFF drop dst 10.0.0.5; $RULE; drop vlan 2 comment $OFF
< policy pass
< disabled drop dst 10.0.0.5
< disabled drop vlan 1 comment "disabled"
< drop vlan 2 comment "disabled"

> define RULE = policy drop
> $RULE
< ! 2:0+5 not an action: 'policy'

# Limits and times
> limit 1000pps per src/24 dst 10.0.0.5; drop dst 10.0.0.6 for 90m
> define LIMIT = limit 10mbit burst 64k
> define SOON = for 5m
> $LIMIT per flow src 10.0.0.0/8 $SOON comment "x"
< policy pass
< limit 1000pps burst 100 per src/24 dst 10.0.0.5
< drop dst 10.0.0.6 for 1h30m
< limit 10mbit burst 64k per flow src 10.0.0.0/8 for 5m comment "x"

> limit 10pps
> pass vlan 1
< ! 1:6+5 a rule needs a match

> limit
> pass vlan 1
< ! 1:0+5 limit needs a rate

> pass vlan 1
> limit 10pps 10.0.0.5
< ! 2:12+8 unknown word: '10.0.0.5'

> limit 10pps burst 1k vlan 1
< ! 1:18+2 not a burst: '1k'

> limit 1/d burst 200 vlan 1
< ! 1:0+19 a burst of 200 is 200 days at that rate: at most 100

# Disabled rules
> disabled drop dst 10.0.0.5
> pass vlan 1; disabled audit frag
< policy pass
< disabled drop dst 10.0.0.5
< pass vlan 1
< disabled audit frag

> disabled
< ! 1:0+8 disabled needs a rule after it

> disabled disabled drop vlan 1
< ! 1:9+8 not an action: 'disabled'

> enabled drop vlan 1
< ! 1:0+7 not an action: 'enabled'

# Words of lines are names elsewhere
> drop out disabled,policy,define,include,set
< policy pass
< drop out define,disabled,include,policy,set

# Policy
> policy drop
> pass vlan 1
< policy drop
< pass vlan 1

> policy pass; policy drop
< ! 1:20+4 the policy is given a second time

> policy maybe
< ! 1:7+5 no such policy: 'maybe' (pass or drop)

> policy audit
< ! 1:7+5 no such policy: 'audit' (pass or drop)

> policy
< ! 1:0+6 policy needs pass or drop

> policy drop pass
< ! 1:12+4 a rule has one action: 'pass' is a second one

# Defines
> define lan = 10.0.0.0/8, 192.168.0.0/16
> drop src $lan
> drop not dst $lan,172.16.0.0/12
> drop host { $lan, 172.16.0.0/12, }
< policy pass
< drop src 10.0.0.0/8,192.168.0.0/16
< drop not dst 10.0.0.0/8,172.16.0.0/12,192.168.0.0/16
< drop host 10.0.0.0/8,172.16.0.0/12,192.168.0.0/16

> define web=proto tcp dport { 80, 443 }; define block = drop $web
> $block src 10.0.0.1
> pass $web comment "web"
< policy pass
< drop proto tcp src 10.0.0.1 dport 80,443
< pass proto tcp dport 80,443 comment "web"

> define a = 10.0.0.1
> define b = $a, 10.0.0.2
> define c = $b, $b
> drop dst $c
< policy pass
< drop dst 10.0.0.1,10.0.0.2

> define quiet = "se cret"
> drop vlan 1 comment $quiet
< policy pass
< drop vlan 1 comment "se cret"

> drop dst $lan
< ! 1:9+4 '$lan' is not defined

> define lan = $lan
< ! 1:13+4 '$lan' is not defined

> define lan = 10.0.0.1
> define lan = 10.0.0.2
< ! 2:7+3 'lan' is defined already

> define lan = 10.0.0.500
> drop dst 10.0.0.1,$lan proto tcp
< ! 2:18+4 not an address or prefix: '10.0.0.500'

> define p = proto tcp
> drop $p icmp 8
< ! 2:8+6 this rule can never match: '$p' with 'icmp 8'

> define none =
< ! 1:12+1 define needs words behind '='

> define
< ! 1:0+6 define needs a name: define NAME = WORDS

> define a-b = 1
< ! 1:7+3 a name holds letters, digits and '_' alone

> define a
< ! 1:7+1 define needs '=' and words behind it

> define a 10.0.0.1
< ! 1:9+8 a name holds letters, digits and '_' alone

> define drop = 10.0.0.1
> drop dst $drop; drop in "$drop"
< policy pass
< drop dst 10.0.0.1
< drop in "$drop"

> drop dst $lan/8
< ! 1:9+6 not an address or prefix: '$lan/8'

# Not yet, and never

> include
< ! 1:0+7 include needs the name of a file

> include "no-such-file"
< ! 1:8+14 'no-such-file' is not there

> defin a = 1
< ! 1:0+5 not an action: 'defin'

# Sets
> set bad { 10.0.0.1 }
< policy pass
< set bad { 10.0.0.1 }

> drop src @bad; set bad { 10.0.0.9, 10.0.0.0/30, 192.0.2.1-192.0.2.9
>   # two more, in {} or not
>   2001:db8::1   # a host }
>   , 10.0.0.9,, }
< policy pass
< set bad { 10.0.0.0/30, 10.0.0.9, 192.0.2.1-192.0.2.9, 2001:db8::1 }
< drop src @bad

> set web ports {80,8000-8080;https}
> drop not dport @web
< policy pass
< set web ports { 80, 443, 8000-8080 }
< drop not dport @web

> set dns services counters { 10.0.0.5:53/udp, [2001:db8::1]:443, 10.0.0.5:8000-8080 }
> set pass counters {}
> set web ports counters { 80 }
> set set { }
< policy pass
< set dns services counters { 10.0.0.5:8000-8080, 10.0.0.5:53/udp, [2001:db8::1]:443 }
< set pass counters { }
< set web ports counters { 80 }
< set set { }

> define lan = 10.0.0.0/8, 192.168.0.0/16
> define all = $lan, fd00::/8
> set home { $all, 192.0.2.1
>   $lan }
> pass src $lan
< policy pass
< set home { 10.0.0.0/8, 192.0.2.1, 192.168.0.0/16, fd00::/8 }
< pass src 10.0.0.0/8,192.168.0.0/16

> set all { 0.0.0.0/0, ::/0, ::-ffff::, 0.0.0.1-255.255.255.255 }
< policy pass
< set all { 0.0.0.0/0, ::/0 }

> set long {
>   2001:db8:1111:2222:3333:4444:5555:6666
>   2001:db8:1111:2222:3333:4444:5555:7777
>   2001:db8:1111:2222:3333:4444:5555:8888
> }
< policy pass
< set long {
< 	2001:db8:1111:2222:3333:4444:5555:6666
< 	2001:db8:1111:2222:3333:4444:5555:7777
< 	2001:db8:1111:2222:3333:4444:5555:8888
< }

> set a { 10.0.0.1 10.0.0.2 }
< ! 1:17+8 a comma is missing before '10.0.0.2'

> set a { 10.0.0.1,
>   10.0.0.300 }
< ! 2:2+10 not an address or prefix: '10.0.0.300'

> set a { 10.0.0.1/8 }
< ! 1:8+10 '10.0.0.1/8' has bits beyond its prefix

> set a { 10.0.0.9-10.0.0.1 }
< ! 1:8+17 range is backwards: '10.0.0.9-10.0.0.1'

> set a { 10.0.0.1 for }
< ! 1:17+3 for needs a time

> set a { 10.0.0.1 for 10 }
< ! 1:21+2 not a time: '10'

> set a { 10.0.0.1 for 10m 5 }
< ! 1:25+1 a comma is missing before '5'

> set a ports { 10.0.0.1 }
< ! 1:14+8 not a port: '10.0.0.1' (0 to 65535)

> set a ports { 70000 }
< ! 1:14+5 not a port: '70000' (0 to 65535)

> set a services { 10.0.0.1 }
< ! 1:17+8 not a service: '10.0.0.1'

> set a services { 10.0.0.0/8:53 }
< ! 1:17+13 a service is at one address: '10.0.0.0/8'

> set a services { 10.0.0.1:53/icmp }
< ! 1:17+16 a protocol without ports: 'icmp'

> set a services { 2001:db8::1:53 }
< ! 1:17+14 not a service: '2001:db8::1:53'

> set a { $lan }
< ! 1:8+4 '$lan' is not defined

> define lan = 10.0.0.0/8, 10.0.0.300
> set a { 10.0.0.1, $lan }
< ! 2:18+4 not an address or prefix: '10.0.0.300'

> set a { @b }
< ! 1:8+2 not an address or prefix: '@b'

> set a { include }
< ! 1:8+7 include needs the name of a file

> set a { include nosuchfile }
< ! 1:16+10 'nosuchfile' is not there

> set a { 10.0.0.1
> drop src @a
< ! 1:6+1 '}' is missing at the end of the set

> set a
> drop src @a
< ! 1:4+1 a set needs a block of elements

> set
< ! 1:0+3 set needs a name and a block

> set { 10.0.0.1 }
< ! 1:0+3 set needs a name and a block

> set a colors { }
< ! 1:6+6 unexpected word: 'colors'

> set a ports services { }
< ! 1:12+8 unexpected word: 'services'

> set 1a { }
< ! 1:4+2 not the name of a set: '1a'

> set a { } drop src @a
< ! 1:10+4 nothing may follow a set in its line

> set a { }; set a { }
< ! 1:15+1 set 'a' is given a second time

> sets a { }
< ! 1:0+4 not an action: 'sets'
