#!/usr/bin/env bash
# `make demo-real`: the demo on real systems. Two libvirt zones with QEMU guests, a Kubernetes control plane, Keystone and Nova are started
# as the tests start them (tests/lab), then the sandbox and the three services as `make demo` does. Ctrl-C stops all of it, by pid; nothing
# stays but the logs in .demo-real. Needs root: each zone gets a network and mount namespace of its own.
#
# KOMEK_DEMO_PAGE, KOMEK_DEMO_WEB: other addresses than 127.0.0.1:8081 and :8080. KOMEK_DEMO_REAL_DIR: another folder.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
dir=${KOMEK_DEMO_REAL_DIR:-$root/.demo-real}
bin=${KOMEK_DEMO_BIN:-$root/target/debug}
lab=$root/tests/lab
kvm=$lab/kvm
zones=(demo-ala-1 demo-ala-2)

fail() { echo "demo-real: $1" >&2; exit 1; }
says() { printf '    %-12s %s\n' "$1" "$2"; }
[ "$(id -u)" = 0 ] || fail "run it as root: each zone gets a network and mount namespace of its own (make demo needs none of this)"
[ -x "$bin/komek-sandbox" ] || fail "$bin/komek-sandbox is not built: make demo-real builds it"
"$kvm/install.sh" --check >/dev/null || "$kvm/install.sh"
mkdir -p "$dir"
exec 8>"$dir/lock"
flock -n 8 || fail "it runs already: $dir/lock is held"
# The systems begin anew each time, so what Komek knows of them does, too.
rm -rf --one-file-system "$dir/komek" "$dir/kubernetes" "$dir/openstack" "$dir"/*.in
demo=

end() {
  trap '' INT TERM
  echo "  Stopping …"
  if [ -n "$demo" ]; then
    kill "$demo" 2>/dev/null || true
    wait "$demo" 2>/dev/null || true
  fi
  # Each part of the lab ends what it started when its standard input closes.
  exec 3>&- 4>&-
  for part in kubernetes openstack; do
    [ ! -s "$dir/$part.pid" ] || wait "$(cat "$dir/$part.pid")" 2>/dev/null || true
    rm -f "$dir/$part.pid"
  done
  for zone in "${zones[@]}"; do "$kvm/zone.sh" down "$zone" || true; done
}
trap end EXIT
# Ctrl-C is how it is meant to end.
trap 'exit 0' INT
trap 'exit 143' TERM

# lab PART FD SCRIPT…: starts a script of the lab that lives as long as descriptor FD is open here. In a session of its own, so that Ctrl-C
# reaches this script alone.
lab() {
  local part=$1 fd=$2
  shift 2
  mkfifo "$dir/$part.in"
  setsid "$@" <"$dir/$part.in" >"$dir/$part.out" 2>"$dir/$part.log" 3>&- 4>&- 8>&- &
  echo $! >"$dir/$part.pid"
  eval "exec $fd>\"\$dir/$part.in\""
}
ready() {
  until grep -qx ready "$dir/$1.out" 2>/dev/null; do
    kill -0 "$(cat "$dir/$1.pid")" 2>/dev/null || { cat "$dir/$1.log" >&2; fail "$1 does not come up"; }
    sleep 0.2
  done
}

echo "  Starting real systems (the first time builds kube-apiserver: some minutes) …"
lab kubernetes 3 "$lab/kubernetes/cluster.sh" "$dir/kubernetes"
lab openstack 4 "$lab/openstack/keystone.sh" "$dir/openstack" nova

# Zones: a host each with a customer's network and a machine, and a cable between them.
"$kvm/build-guest.sh" >/dev/null
uris=()
for zone in "${zones[@]}"; do
  "$kvm/zone.sh" down "$zone"
  uris+=("$("$kvm/zone.sh" up "$zone" 3>&- 4>&- 8>&-)")
done
"$kvm/zone.sh" wire "${zones[@]}"
machines=(acme-web acme-backup)
for n in 1 2; do
  ask() { virsh -q -c "${uris[$((n - 1))]}" "$@"; }
  ask net-define /dev/stdin >/dev/null <<X
<network><name>acme-net</name><forward mode='route'/><bridge name='acme$n' stp='off' delay='0'/>
<dns enable='no'/><ip address='192.168.10$n.1' prefix='24'/></network>
X
  ask net-start acme-net >/dev/null
  machine=${machines[$((n - 1))]}
  NETWORK=acme-net "$kvm/domain.sh" "$machine" "komek.ip=192.168.10$n.11/24" "komek.gw=192.168.10$n.1" |
    ask define /dev/stdin >/dev/null
  ask start "$machine" >/dev/null
  says "zone ala-$n" "${uris[$((n - 1))]} with $machine"
done

# The cluster: the provisioner's own identity and two namespaces of the customer, closed as a provider closes them.
ready kubernetes
admin=$dir/kubernetes/kubeconfig
k() { kubectl --kubeconfig "$admin" "$@" >/dev/null; }
k apply -f "$root/deploy/kubernetes/rbac.yaml"
for namespace in acme acme-test; do
  k create namespace "$namespace"
  k label namespace "$namespace" "kubernetes.io/metadata.name=$namespace" --overwrite
  k -n "$namespace" create rolebinding komek-provisioner --clusterrole=komek-provisioner-namespace \
    --serviceaccount=komek:komek-provisioner
  k -n "$namespace" apply -f - <<'Y'
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed}
spec: {podSelector: {}, policyTypes: [Ingress]}
Y
done
k -n acme apply --server-side --field-manager=komek-provisioner -f - <<'Y'
apiVersion: v1
kind: ResourceQuota
metadata: {name: komek}
spec: {hard: {requests.cpu: "8", pods: "20"}}
Y
echo '{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":86400}}' >"$dir/kubernetes/request"
token=$(kubectl --kubeconfig "$admin" create --raw /api/v1/namespaces/komek/serviceaccounts/komek-provisioner/token \
  -f "$dir/kubernetes/request" | jq -r .status.token)
master=$(head -1 "$dir/kubernetes/masters")
(
  umask 077
  cat >"$dir/kubernetes/provisioner" <<C
apiVersion: v1
kind: Config
current-context: komek
clusters: [{name: lab, cluster: {server: "$master", certificate-authority: $dir/kubernetes/ca.crt}}]
contexts: [{name: komek, context: {cluster: lab, user: komek}}]
users: [{name: komek, user: {token: $token}}]
C
)
says cluster "$master (KUBECONFIG=$admin)"

ready openstack
(
  umask 077
  cat >"$dir/komek.toml" <<C
[cabinet]
quotas = "openstack"
passwords = "openstack"
keystone_url = "$(cat "$dir/openstack/identity")"
region = "r1"
user = "komek"
password = "komek-service-pw-1"
user_domain = "Default"
project = "komek"
customers_domain = "customers"
capacity_cores = 512
C
)
says keystone "$(cat "$dir/openstack/identity")"
says nova "$(cat "$dir/openstack/compute")"

fill() {
  sed -e "s#{ALA1}#${uris[0]}#" -e "s#{ALA2}#${uris[1]}#" -e "s#{KUBECONFIG}#$dir/kubernetes/provisioner#" -e "s#{MASTER}#$master#" \
    "$root/sandbox/demo/real.toml"
  # The same staff as in the simulated demo.
  sed -n '/^\[\[staff\]\]/,$p' "$root/sandbox/demo/directory.toml"
}
fill >"$dir/directory.toml"
says data "$dir"
setsid "$bin/komek-sandbox" demo --dir "$dir/komek" --directory "$dir/directory.toml" --config "$dir/komek.toml" 3>&- 4>&- 8>&- &
demo=$!
wait "$demo"
