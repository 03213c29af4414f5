#!/bin/busybox sh
# The first process of the guest: the host's files, read only, under a layer of memory that has what is read often, the
# repository in memory, and a folder that both can write.
/bin/busybox --install -s /bin
export PATH=/bin
mkdir -p /proc /sys /dev /host /memory /root
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
while read -r module; do insmod "/modules/$module" || echo "guest: no module $module"; done </modules/order
mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=512000 host /host || echo "guest: no files of the host"
mount -t tmpfs -o size=60% tmpfs /memory
mkdir /memory/upper /memory/work /memory/programs /memory/repository /share
mount -t 9p -o trans=virtio,version=9p2000.L,rw,cache=none,msize=512000 share /share || echo "guest: no shared folder"
# Below the layer that is written to, as the files of the host that they are: those in it are new, which containers may not run.
# By large reads: tar's own are small, and each is a journey to the host.
dd bs=480k if=/share/programs.tar 2>/dev/null | tar -xf - -C /memory/programs
dd bs=480k if=/share/repository.tar 2>/dev/null | tar -xf - -C /memory/repository
mount -t overlay -o lowerdir=/memory/programs:/host,upperdir=/memory/upper,workdir=/memory/work overlay /root || echo "guest: no overlay"
for folder in proc sys dev; do mount --move /$folder /root/$folder; done
mount -t tmpfs tmpfs /root/run
mkdir -p /root/run/guest /root/opt/plimsoll
mount --move /share /root/run/guest
mount --bind /memory/repository /root/opt/plimsoll
exec switch_root /root /bin/bash /run/guest/main.sh
