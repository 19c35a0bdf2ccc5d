#!/bin/sh
# The first process of a machine. The kernel's log goes to ttyS0; ttyS1 takes the command's output.
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /tmp
mount -t tracefs tracefs /sys/kernel/tracing
mount -t bpf bpf /sys/fs/bpf
ln -s /proc/self/fd /dev/fd
ip link set lo up
for module in /modules/*.ko; do insmod "$module"; done
# Of many descriptors some programs make large tables, and some tests need more.
ulimit -Hn 65536; ulimit -Sn 4096
export HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin
stty -F /dev/ttyS1 raw -echo
cd /tinytap && sh /command > /dev/ttyS1
poweroff -f
