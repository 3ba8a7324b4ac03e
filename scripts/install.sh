#!/usr/bin/env bash
# Installs the Debian packages that building, the demo and the tests need. Says what is missing and what it does; does nothing the
# second time.
#
#   scripts/install.sh build        to compile (and to run the demo)
#   scripts/install.sh test         also for the tests: PostgreSQL, QEMU, Kubernetes, OpenStack, OpenLDAP, Chromium, Python, Node.js
set -euo pipefail

group=${1:-build}
build=(pkg-config:pkg-config cc:gcc stdio.h:libc6-dev libvirt.pc:libvirt-dev)
# What a command or file is called, and the package that brings it.
test=(
  python3:python3 ensurepip:python3-venv node:nodejs npm:npm
  pg_ctl:postgresql setpriv:util-linux ip:iproute2
  libvirtd:libvirt-daemon libvirt_driver_qemu.so:libvirt-daemon-driver-qemu virsh:libvirt-clients
  qemu-system-x86_64:qemu-system-x86 gzip:gzip iptables:iptables
  promtool:prometheus chromium:chromium chromedriver:chromium-driver
  etcd:etcd-server kubectl:kubernetes-client go-1.19:golang-1.19-go reflect2:golang-github-modern-go-reflect2-dev
  dpkg-source:dpkg-dev rsync:rsync jq:jq curl:curl openssl:openssl
  keystone-manage:keystone nova-manage:nova-api uwsgi:uwsgi-core uwsgi-python:uwsgi-plugin-python3
  slapd:slapd ldapsearch:ldap-utils liblmdb:liblmdb0
  NotoSans-Regular.ttf:fonts-noto-core
  postfix:postfix imap-login:dovecot-imapd
  pdftotext:poppler-utils
)
case $group in
  build) needs=("${build[@]}") ;;
  test) needs=("${build[@]}" "${test[@]}") ;;
  *) echo "usage: $0 build|test" >&2; exit 2 ;;
esac

present() {
  case $1 in
    *.h) [ -e "/usr/include/$1" ] ;;
    *.pc) pkg-config --exists "${1%.pc}" 2>/dev/null ;;
    *.so) compgen -G "/usr/lib/*/libvirt/connection-driver/$1" >/dev/null ;;
    *.ttf) [ -e "/usr/share/fonts/truetype/noto/$1" ] ;;
    imap-login) [ -x /usr/lib/dovecot/imap-login ] ;;
    go-1.19) [ -x /usr/lib/go-1.19/bin/go ] ;;
    reflect2) [ -d /usr/share/gocode/src/github.com/modern-go/reflect2 ] ;;
    uwsgi-python) compgen -G '/usr/lib/uwsgi/plugins/python3*_plugin.so' >/dev/null ;;
    liblmdb) compgen -G '/usr/lib/*/liblmdb.so.0' >/dev/null ;;
    ensurepip) python3 -c 'import ensurepip, venv' 2>/dev/null ;;
    pg_ctl) command -v pg_ctl >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/pg_ctl' >/dev/null ;;
    *) PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null ;;
  esac
}

if ! command -v cargo >/dev/null; then
  echo "komek: there is no Rust toolchain (cargo). Install one from https://rustup.rs, then run make again." >&2
  exit 1
fi

missing=()
for need in "${needs[@]}"; do
  present "${need%%:*}" || missing+=("${need#*:}")
done
[ ${#missing[@]} = 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "komek: this is not a Debian system. Please install what these Debian packages bring, then run make again:" >&2
  echo "       ${missing[*]}" >&2
  exit 1
fi
root=()
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || {
    echo "komek: these packages are missing, and neither root nor sudo is here to install them: ${missing[*]}" >&2
    exit 1
  }
  root=(sudo)
fi
echo "komek: installing ${missing[*]}"
# Postfix as a program alone: this machine gets no mail server, the tests start their own.
case " ${missing[*]} " in
  *" postfix "*) echo "postfix postfix/main_mailer_type select No configuration" | "${root[@]}" debconf-set-selections ;;
esac
install() {
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null
}
install 2>/dev/null || { "${root[@]}" apt-get update -q >/dev/null && install; } || {
  echo "komek: apt could not install ${missing[*]}; install them by hand and run make again" >&2
  exit 1
}
