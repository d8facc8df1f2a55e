# wg0 in namespace b of device_table.c. The key is a line of text in base64, no secret: "a key of a test, namespace b....".
[Interface]
ListenPort = 51820
PrivateKey = YSBrZXkgb2YgYSB0ZXN0LCBuYW1lc3BhY2UgYi4uLi4=

[Peer]
PublicKey = pE1g/r3cRT5npVLWHE2sLyOOo2MHZLeacvfrs7o3Gl4=
AllowedIPs = 0.0.0.0/0, ::/0
Endpoint = 10.8.4.1:51820
