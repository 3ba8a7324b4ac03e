#!/bin/bash
# Prints the description of a lab machine, for `virsh define /dev/stdin`.
#
#   domain.sh NAME [KERNEL-WORD…]     e.g. domain.sh web komek.deaf=1; the words are in guest/init
#   AGENT=no domain.sh NAME           without an agent channel
#   NETWORK=NAME domain.sh NAME       with a card on that network
#
# Always emulated (type qemu): a /dev/kvm that exists need not work.
set -euo pipefail
guest=${KOMEK_LAB:-$HOME/.cache/komek-lab}/kvm/guest
name=$1
shift
channel='<channel type="unix"><target type="virtio" name="org.qemu.guest_agent.0"/></channel>'
[ "${AGENT:-yes}" = yes ] || channel=
card=
[ -z "${NETWORK:-}" ] || card="<interface type=\"network\"><source network=\"$NETWORK\"/><model type=\"virtio\"/></interface>"
cat <<XML
<domain type="qemu">
  <name>$name</name>
  <memory unit="MiB">96</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch="x86_64" machine="pc">hvm</type>
    <kernel>$guest/vmlinuz</kernel>
    <initrd>$guest/initramfs.gz</initrd>
    <cmdline>console=ttyS0 quiet panic=1 $*</cmdline>
  </os>
  <features><acpi/></features>
  <on_reboot>restart</on_reboot>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <serial type="file"><source path="/var/log/libvirt/$name.console"/></serial>
    $channel
    $card
  </devices>
</domain>
XML
