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
> set blocked { 10.0.0.1 }
< ! 1:0+3 sets are not part of this version: 'set'

> include
< ! 1:0+7 include needs the name of a file

> include "no-such-file"
< ! 1:8+14 'no-such-file' is not there

> defin a = 1
< ! 1:0+5 not an action: 'defin'
