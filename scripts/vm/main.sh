#!/bin/bash
# The guest's second half, on the host's files: what a container engine needs, then the command, then the end of the machine.
# The host put argv, the working folder and the place of the guest's packages into /run/guest; output and exit code go there.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 PLIMSOLL_GUEST=1
mapfile -d '' -t argv </run/guest/argv
mapfile -d '' -t settings </run/guest/settings
cd "${settings[0]}" || exit 1
mkdir -p node_modules
mount --bind "${settings[3]}/node_modules" node_modules
export PATH="$PWD/node_modules/.bin:$PATH"
packages=${settings[1]}
export PLIMSOLL_TEST_CACHE=${settings[2]}
# What Node compiled in guests before; the shared folder is slow.
export NODE_COMPILE_CACHE=/run/compiled
mkdir "$NODE_COMPILE_CACHE"
[ ! -e /run/guest/compiled.tar ] || dd bs=480k if=/run/guest/compiled.tar 2>/dev/null | tar -xf - -C "$NODE_COMPILE_CACHE"
touch /run/started
for name in "${settings[@]:4}"; do export "${name?}"; done

mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir -p /dev/pts /dev/shm /dev/mqueue
mount -t devpts -o ptmxmode=666 devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t tmpfs tmpfs /var/lib/docker 2>/dev/null
mount -t tracefs tracefs /sys/kernel/tracing
mount -t securityfs securityfs /sys/kernel/security
mount -t bpf bpf /sys/fs/bpf
for folder in lib/modules etc/apparmor etc/apparmor.d usr/share/apparmor-features; do
  mkdir -p "/$folder"
  mount --bind "$packages/$folder" "/$folder"
done
export PATH="$PATH:$packages/sbin"
ip link set lo up
modprobe -a overlay bridge veth br_netfilter loop binfmt_misc 2>/dev/null
# The emulated machine is slow and dockerd waits only 15 seconds for containerd: their files are in memory by then.
cat /usr/bin/containerd /usr/bin/containerd-shim-runc-v2 /usr/sbin/dockerd /usr/sbin/runc >/dev/null 2>&1
{
  uname -r
  cat /sys/kernel/security/lsm
} >/run/guest/kernel 2>/run/guest/problems

"${argv[@]}" >/run/guest/output 2>&1 </dev/null
code=$?
if find "$NODE_COMPILE_CACHE" -type f -newer /run/started | grep -q .; then
  tar -C "$NODE_COMPILE_CACHE" -cf - . | dd bs=480k of=/run/guest/compiled-now.tar 2>/dev/null
fi
echo $code >/run/guest/exit
sync
echo o >/proc/sysrq-trigger
sleep 30
