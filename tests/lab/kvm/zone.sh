#!/bin/bash
# A zone of the KVM lab: a libvirtd of its own, in its own mount and network namespace, with its state below
# $KOMEK_LAB/kvm/zones/NAME. Any number of them run beside each other and beside the machine's own libvirtd.
#
#   zone.sh up NAME      starts it, again after a crash with the machines it had; prints the connection URI
#   zone.sh down NAME    ends its libvirtd and its machines, by their pid files, and removes its state
#   zone.sh uri NAME     prints the connection URI
#   zone.sh wire A B     a cable between the hosts of two zones: kmbb in each, 10.255.0.1 and 10.255.0.2
#   zone.sh inside NAME COMMAND…   runs a command in the zone's network
set -euo pipefail
command=$1 name=$2
here=$(cd "$(dirname "$0")" && pwd)
lab=${KOMEK_LAB:-$HOME/.cache/komek-lab}/kvm
zone=$lab/zones/$name
uri="qemu+unix:///system?socket=$zone/run/libvirt-sock"

# The pid in a pid file, if that process lives in this zone's namespace: a pid may be somebody else's by now.
pid_in() {
  local pid
  pid=$(cat "$1" 2>/dev/null) && [ -n "$pid" ] &&
    grep -qxF "$(readlink "/proc/$pid/ns/mnt" 2>/dev/null)" "$zone/namespaces" 2>/dev/null && echo "$pid"
}

# A killed process may stay as a zombie for a while; that is dead enough.
alive() { [ -e "/proc/$1" ] && ! grep -q '^State:	Z' "/proc/$1/status" 2>/dev/null; }

up() {
  if pid=$(pid_in "$zone/libvirtd.pid") && alive "$pid"; then return; fi
  # What QEMU can do is found out once for all zones: that takes seconds.
  mkdir -p "$lab/cache" "$zone"/{etc,run,lib/dnsmasq,log} /etc/libvirt /run/libvirt /var/lib/libvirt /var/cache/libvirt /var/log/libvirt
  # No cgroups, no security labels, no virtlogd: they need a whole system around them.
  cat >"$zone/etc/qemu.conf" <<'CONF'
user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
cgroup_controllers = [ ]
namespaces = [ ]
stdio_handler = "file"
CONF
  [ -e "$zone/etc/libvirtd.conf" ] || cat >"$zone/etc/libvirtd.conf" <<CONF
auth_unix_rw = "none"
auth_unix_ro = "none"
unix_sock_rw_perms = "0700"
log_outputs = "3:file:$zone/log/libvirtd.log"
host_uuid = "$(cat /proc/sys/kernel/random/uuid)"
CONF
  # What an operator installs on each host for links between zones.
  install -D -m 755 "$here/../../../deploy/libvirt-hook-network" "$zone/etc/hooks/network"
  rm -f "$zone/run/libvirt-sock"
  # The keeper is the host that outlives its libvirtd: network, mounts, machines.
  local into=(unshare --mount --net --propagation private) keeper
  if keeper=$(pid_in "$zone/keeper.pid") && alive "$keeper"; then into=(nsenter -t "$keeper" --mount --net); fi
  "${into[@]}" bash -c '
    set -e
    if ! grep -qxF "$(readlink /proc/self/ns/mnt)" "$1/namespaces" 2>/dev/null; then
      readlink /proc/self/ns/mnt >>"$1/namespaces"
      for dir in etc run; do mount --bind "$1/$dir" "/$dir/libvirt"; done
      for dir in lib log; do mount --bind "$1/$dir" "/var/$dir/libvirt"; done
      mount --bind "$2/cache" /var/cache/libvirt
      setsid sleep infinity &
      echo $! >"$1/keeper.pid"
    fi
    exec setsid libvirtd -f /etc/libvirt/libvirtd.conf -p "$1/libvirtd.pid"
  ' up "$zone" "$lab" </dev/null >"$zone/log/stdout" 2>&1 &
  for _ in $(seq 200); do
    [ -S "$zone/run/libvirt-sock" ] && return
    sleep 0.05
  done
  echo "libvirtd of zone $name does not come up:" >&2
  cat "$zone/log/stdout" "$zone/log/libvirtd.log" >&2 || true
  exit 1
}

down() {
  local pids=() pid
  for file in "$zone"/{libvirtd,keeper}.pid "$zone"/run/qemu/*.pid "$zone"/run/network/*.pid; do
    pid=$(pid_in "$file") && pids+=("$pid")
  done
  for pid in "${pids[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do
    for _ in $(seq 100); do alive "$pid" || break; sleep 0.05; done
  done
  rm -rf "$zone"
}

pid_of() { cat "$lab/zones/$1/keeper.pid"; }

wire() {
  local a b
  a=$(pid_of "$1") b=$(pid_of "$2")
  ip link add kmbb netns "$a" type veth peer name kmbb netns "$b"
  local n=1
  for pid in "$a" "$b"; do
    nsenter -t "$pid" -n ip addr add "10.255.0.$n/30" dev kmbb
    nsenter -t "$pid" -n ip link set kmbb up
    nsenter -t "$pid" -n ip link set lo up
    n=$((n + 1))
  done
}

case $command in
  up) up; echo "$uri" ;;
  down) down ;;
  uri) echo "$uri" ;;
  wire) wire "$2" "$3" ;;
  inside) shift 2; exec nsenter -t "$(pid_of "$name")" -n "$@" ;;
  *) sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
