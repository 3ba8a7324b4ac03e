#!/bin/bash
# Builds the lab's guest: Debian's cloud kernel, and an initramfs with busybox and the QEMU guest agent.
# The packages are downloaded and unpacked below $KOMEK_LAB, not installed. Prints the guest's directory, which
# then holds vmlinuz and initramfs.gz. Does nothing if they are there and newer than these sources.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
lab=${KOMEK_LAB:-$HOME/.cache/komek-lab}/kvm
guest=$lab/guest
mkdir -p "$lab"

# Tests run at the same time: one builds, the others wait.
exec 9>"$lab/build.lock"
flock 9

newest=$(find "$here/guest" "$here/build-guest.sh" -type f -printf '%T@\n' | sort -n | tail -1)
if [ -e "$guest/initramfs.gz" ] && [ -e "$guest/stamp" ] && [ "$(cat "$guest/stamp")" = "$newest" ]; then
  echo "$guest"
  exit 0
fi

debs=$lab/debs unpacked=$lab/unpacked
if [ ! -e "$unpacked/complete" ]; then
  echo "KVM lab: downloading a kernel, busybox and the guest agent (about 30 MB) to $debs" >&2
  rm -rf "$debs" "$unpacked"
  mkdir -p "$debs" "$unpacked"
  kernel_of() { apt-cache depends linux-image-cloud-amd64 2>/dev/null | awk '/Depends: linux-image-/ { print $2; exit }'; }
  [ -n "$(kernel_of)" ] || apt-get update -q >/dev/null
  (cd "$debs" && apt-get download -q "$(kernel_of)" busybox-static qemu-guest-agent liburing2 libnuma1 >/dev/null 2>&1) ||
    { echo "apt-get could not download the guest's packages to $debs" >&2; exit 1; }
  for deb in "$debs"/*.deb; do dpkg -x "$deb" "$unpacked"; done
  touch "$unpacked/complete"
fi

root=$(mktemp -d "$lab/root.XXXXXX")
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{bin,sbin,usr/bin,usr/sbin,proc,sys,dev,run,tmp,etc/acpi/PWRF,modules,lib/x86_64-linux-gnu,lib64}
cp "$unpacked/bin/busybox" "$root/bin/"
ln -s busybox "$root/bin/sh"

# In the order in which they must be loaded.
modules=(
  drivers/virtio/virtio_ring drivers/virtio/virtio drivers/virtio/virtio_pci_legacy_dev
  drivers/virtio/virtio_pci_modern_dev drivers/virtio/virtio_pci drivers/char/virtio_console
  net/core/failover drivers/net/net_failover drivers/net/virtio_net
  drivers/acpi/button drivers/input/evdev
)
for module in "${modules[@]}"; do
  cp "$unpacked"/lib/modules/*/kernel/"$module".ko "$root/modules/"
  echo "${module##*/}" >>"$root/modules/order"
done

cp "$unpacked/usr/sbin/qemu-ga" "$root/usr/sbin/"
libs=$(LD_LIBRARY_PATH=$unpacked/lib/x86_64-linux-gnu:$unpacked/usr/lib/x86_64-linux-gnu ldd "$unpacked/usr/sbin/qemu-ga")
case $libs in *"not found"*) echo "the guest agent lacks a library: $libs" >&2; exit 1 ;; esac
awk '$3 ~ /^\// { print $3 }' <<<"$libs" | while read -r lib; do cp -L "$lib" "$root/lib/x86_64-linux-gnu/"; done
cp -L /lib64/ld-linux-x86-64.so.2 "$root/lib64/"

install -m 755 "$here/guest/init" "$root/init"
install -m 755 "$here/guest/power-button" "$root/etc/acpi/PWRF/00000080"

mkdir -p "$guest"
(cd "$root" && find . | "$unpacked/bin/busybox" cpio -o -H newc 2>/dev/null | gzip -1) >"$guest/initramfs.gz.new"
cp "$unpacked"/boot/vmlinuz-* "$guest/vmlinuz"
mv "$guest/initramfs.gz.new" "$guest/initramfs.gz"
echo "$newest" >"$guest/stamp"
echo "$guest"
