#!/bin/busybox sh
# The first process of the guest: the host's files, read only, under a layer of memory, and a folder that both can write.
/bin/busybox --install -s /bin
export PATH=/bin
mkdir -p /proc /sys /dev /host /memory /root
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
while read -r module; do insmod "/modules/$module" || echo "guest: no module $module"; done </modules/order
mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=512000 host /host || echo "guest: no files of the host"
mount -t tmpfs -o size=60% tmpfs /memory
mkdir /memory/upper /memory/work
mount -t overlay -o lowerdir=/host,upperdir=/memory/upper,workdir=/memory/work overlay /root || echo "guest: no overlay"
for folder in proc sys dev; do mount --move /$folder /root/$folder; done
mount -t tmpfs tmpfs /root/run
mkdir /root/run/guest
mount -t 9p -o trans=virtio,version=9p2000.L,rw,cache=none,msize=512000 share /root/run/guest || echo "guest: no shared folder"
exec switch_root /root /bin/bash /run/guest/main.sh
