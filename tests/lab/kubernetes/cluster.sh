#!/usr/bin/env bash
# A real Kubernetes control plane on loopback: etcd, one or more kube-apiservers, kube-controller-manager.
#
#   tests/lab/kubernetes/cluster.sh DIR [MASTERS]
#
# Builds the programs the first time (build.sh). Writes DIR/kubeconfig (an administrator) and DIR/masters (one address a line), says "ready",
# and ends everything by pid when its standard input closes: however whoever started it ends, nothing is left. DIR/NAME.pid has each
# process (etcd, apiserver-1, …, controllers) for those who stop or kill one; `restart NAME` on standard input starts one again.
set -euo pipefail
dir=$1 masters=${2:-1}
here=$(cd "$(dirname "$0")" && pwd)
bin=$("$here/build.sh")
mkdir -p "$dir"
umask 077

# Free ports: etcd's two, one for each master, one for the controllers.
mapfile -t port < <(python3 - $((masters + 3)) <<'P'
import socket, sys
held = [socket.socket() for _ in range(int(sys.argv[1]))]
for s in held:
    s.bind(("127.0.0.1", 0))
    print(s.getsockname()[1])
P
)
etcd=http://127.0.0.1:${port[0]} peer=http://127.0.0.1:${port[1]}
first=${port[3]}

openssl genrsa -out "$dir/sa.key" 2048 2>/dev/null
# One authority for the servers and for the administrator, who comes with a certificate; the provisioner comes with a token.
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=lab -keyout "$dir/ca.key" -out "$dir/ca.crt" 2>/dev/null
certificate() {
  openssl req -newkey rsa:2048 -nodes -subj "$2" -keyout "$dir/$1.key" -out "$dir/$1.csr" 2>/dev/null
  openssl x509 -req -in "$dir/$1.csr" -CA "$dir/ca.crt" -CAkey "$dir/ca.key" -CAcreateserial -days 2 -out "$dir/$1.crt" \
    -extfile <(echo "$3") 2>/dev/null
}
certificate server /CN=master subjectAltName=IP:127.0.0.1,DNS:localhost
certificate admin /O=system:masters/CN=admin extendedKeyUsage=clientAuth
cat >"$dir/audit.yaml" <<'C'
apiVersion: audit.k8s.io/v1
kind: Policy
rules: [{level: Metadata}]
C
cat >"$dir/kubeconfig" <<C
apiVersion: v1
kind: Config
current-context: admin
clusters: [{name: lab, cluster: {server: "https://127.0.0.1:$first", certificate-authority: $dir/ca.crt}}]
contexts: [{name: admin, context: {cluster: lab, user: admin}}]
users: [{name: admin, user: {client-certificate: $dir/admin.crt, client-key: $dir/admin.key}}]
C
for n in $(seq "$masters"); do echo "https://127.0.0.1:${port[$((n + 2))]}"; done >"$dir/masters"

start() {
  local name=$1
  case $name in
    etcd) set -- etcd --name lab --data-dir "$dir/etcd" --unsafe-no-fsync --log-level error \
      --listen-client-urls "$etcd" --advertise-client-urls "$etcd" --listen-peer-urls "$peer" \
      --initial-advertise-peer-urls "$peer" --initial-cluster "lab=$peer" ;;
    apiserver-*) set -- "$bin/kube-apiserver" --etcd-servers="$etcd" --bind-address=127.0.0.1 --advertise-address=127.0.0.1 \
      --secure-port="${port[$((${name#apiserver-} + 2))]}" --tls-cert-file="$dir/server.crt" --tls-private-key-file="$dir/server.key" \
      --client-ca-file="$dir/ca.crt" --authorization-mode=RBAC --service-account-issuer=https://komek.lab \
      --service-account-key-file="$dir/sa.key" --service-account-signing-key-file="$dir/sa.key" --api-audiences=https://komek.lab \
      --service-cluster-ip-range=10.96.0.0/16 --endpoint-reconciler-type=none \
      --audit-log-path="$dir/$name-audit.log" --audit-policy-file="$dir/audit.yaml" ;;
    controllers) set -- "$bin/kube-controller-manager" --kubeconfig="$dir/kubeconfig" --bind-address=127.0.0.1 \
      --secure-port="${port[2]}" --port=0 --cert-dir="$dir/controllers" --leader-elect=false \
      --service-account-private-key-file="$dir/sa.key" --root-ca-file="$dir/ca.crt" --concurrent-resource-quota-syncs=5 \
      --controllers=namespace,serviceaccount,serviceaccount-token,resourcequota,clusterrole-aggregation ;;
    *) echo "no such process: $name" >&2; return 1 ;;
  esac
  "$@" >>"$dir/$name.log" 2>&1 </dev/null &
  echo $! >"$dir/$name.pid"
}

# Every process by its pid; a stopped one is woken, so that it can end.
end() {
  for file in "$dir"/*.pid; do
    kill -KILL "$(cat "$file")" 2>/dev/null || true
  done
  wait 2>/dev/null || true
}
trap end EXIT
trap 'exit 1' INT TERM

healthy() {
  for _ in $(seq 600); do
    [ "$(curl -sk -o /dev/null -w '%{http_code}' "$1/readyz")" = 200 ] && return 0
    kill -0 "$(cat "$dir/$2.pid")" 2>/dev/null || break
    sleep 0.1
  done
  echo "$2 does not come up:" >&2
  tail -5 "$dir/$2.log" >&2
  return 1
}

start etcd
# The first writes what every cluster begins with; the others find it.
n=0
while read -r master; do
  n=$((n + 1))
  start "apiserver-$n"
  [ "$n" -gt 1 ] || healthy "$master" apiserver-1
done <"$dir/masters"
start controllers
n=0
while read -r master; do
  n=$((n + 1))
  healthy "$master" "apiserver-$n"
done <"$dir/masters"
echo ready
while read -r verb name; do
  [ "$verb" = restart ] && start "$name"
done
