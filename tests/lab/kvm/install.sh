#!/bin/bash
# Makes this machine able to run the KVM lab: packages (apt, if any is missing), and the account that libvirt's
# QEMU driver wants to exist. Says what it does; does nothing the second time.
#
#   install.sh            install what is missing
#   install.sh --check    only say what is missing; status 1 if anything is
set -euo pipefail

# binary -> package
needs=(
  libvirtd:libvirt-daemon
  qemu-system-x86_64:qemu-system-x86
  gzip:gzip
  unshare:util-linux
  virsh:libvirt-clients
  ip:iproute2
  iptables:iptables
  python3:python3
)
driver=(/usr/lib/*/libvirt/connection-driver/libvirt_driver_qemu.so)

missing=()
for need in "${needs[@]}"; do
  PATH=$PATH:/usr/sbin command -v "${need%%:*}" >/dev/null || missing+=("${need#*:}")
done
[ -e "${driver[0]}" ] || missing+=(libvirt-daemon-driver-qemu)
account=0
getent passwd libvirt-qemu >/dev/null && getent group libvirt-qemu >/dev/null || account=1

if [ "${1:-}" = --check ]; then
  [ "$(id -u)" = 0 ] || { echo "the KVM lab needs root: it gives each zone its own mount and network namespace"; exit 1; }
  [ ${#missing[@]} = 0 ] || { echo "missing packages: ${missing[*]}"; exit 1; }
  [ $account = 0 ] || { echo "missing account: libvirt-qemu"; exit 1; }
  exit 0
fi

if [ ${#missing[@]} != 0 ]; then
  echo "KVM lab: installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null ||
    { apt-get update -q >/dev/null && apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null; }
fi
if [ $account = 1 ]; then
  # libvirtd parses this name at its start, even where qemu.conf names another account.
  echo "KVM lab: creating the account libvirt-qemu"
  getent group libvirt-qemu >/dev/null || groupadd --system libvirt-qemu
  getent passwd libvirt-qemu >/dev/null ||
    useradd --system --gid libvirt-qemu --home-dir /var/lib/libvirt --no-create-home --shell /usr/sbin/nologin libvirt-qemu
fi
