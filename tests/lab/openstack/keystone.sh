#!/usr/bin/env bash
# A real Keystone and, with `nova`, a real Nova API: Debian's packages on SQLite and loopback, ended when standard input closes.
#
#   tests/lab/openstack/keystone.sh DIR [nova]
#
# Writes DIR/identity and DIR/compute (their addresses), makes the project "acme" with its account "acme-admin", a service account
# "komek" with the role that deploy/openstack describes, unified limits for the region, and says "ready". DIR/NAME.pid has each process.
set -euo pipefail
dir=$1 nova=${2:-}
mkdir -p "$dir"/{fernet,credential,state,policy}
umask 077
mapfile -t port < <(python3 - <<'P'
import socket
held = [socket.socket() for _ in range(2)]
for s in held:
    s.bind(("127.0.0.1", 0))
    print(s.getsockname()[1])
P
)
identity=http://127.0.0.1:${port[0]}/v3 compute=http://127.0.0.1:${port[1]}/v2.1
deploy=$(cd "$(dirname "$0")/../../../deploy/openstack" && pwd)

cat >"$dir/keystone.conf" <<C
[DEFAULT]
log_file = $dir/keystone.log
[database]
connection = sqlite:///$dir/keystone.db
[token]
provider = fernet
[fernet_tokens]
key_repository = $dir/fernet
[credential]
key_repository = $dir/credential
[cache]
enabled = false
[oslo_policy]
policy_file = $deploy/keystone-policy.yaml
[unified_limit]
enforcement_model = flat
[security_compliance]
change_password_upon_first_use = true
password_regex = ^.{12,}$
password_regex_description = at least 12 characters
unique_last_password_count = 3
lockout_failure_attempts = 6
lockout_duration = 1800
C
manage() { keystone-manage --config-file "$dir/keystone.conf" "$@" >>"$dir/setup.log" 2>&1; }
# Without this two writers at once end in "database is locked".
wal() { python3 -c "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('PRAGMA journal_mode=WAL')" "$1"; }
manage db_sync
wal "$dir/keystone.db"
manage fernet_setup --keystone-user "$(id -un)" --keystone-group "$(id -gn)"
manage credential_setup --keystone-user "$(id -un)" --keystone-group "$(id -gn)"
# The first administrator must not be forced to change the password: the rule is lifted for this one command.
printf '[security_compliance]\nchange_password_upon_first_use = false\n' >"$dir/bootstrap.conf"
manage --config-file "$dir/bootstrap.conf" bootstrap --bootstrap-password admin-password-1 --bootstrap-region-id r1 \
  --bootstrap-admin-url "$identity" --bootstrap-public-url "$identity" --bootstrap-internal-url "$identity"

end() {
  for file in "$dir"/*.pid; do
    pid=$(cat "$file")
    kill -CONT "$pid" 2>/dev/null || true
    kill -TERM "$pid" 2>/dev/null || true
  done
  wait 2>/dev/null || true
}
trap end EXIT
trap 'exit 1' INT TERM

serve() {
  local name=$1 port=$2 program=$3
  (cd "$dir/state" && exec uwsgi --plugin python3 --http-socket "127.0.0.1:$port" --wsgi-file "$program" --processes 1 --threads 1 \
    --die-on-term --lazy-apps --enable-threads --buffer-size 65535) >>"$dir/$name.out" 2>&1 </dev/null &
  echo $! >"$dir/$name.pid"
}
answers() {
  for _ in $(seq 600); do
    curl -fsS "$1" >/dev/null 2>&1 && return 0
    kill -0 "$(cat "$dir/$2.pid")" 2>/dev/null || break
    sleep 0.1
  done
  echo "$2 does not come up:" >&2
  tail -5 "$dir/$2.out" >&2
  return 1
}

export OS_KEYSTONE_CONFIG_FILES=$dir/keystone.conf
serve keystone "${port[0]}" /usr/bin/keystone-wsgi-public
nova_ready=true
if [ "$nova" = nova ]; then
  auth="auth_url = $identity
auth_type = password
username = nova
password = nova-service-pw-1
project_name = service
user_domain_id = default
project_domain_id = default"
  cat >"$dir/nova.conf" <<C
[DEFAULT]
log_file = $dir/nova.log
state_path = $dir/state
transport_url = fake:/
enabled_apis = osapi_compute
[database]
connection = sqlite:///$dir/nova.db
[api_database]
connection = sqlite:///$dir/nova_api.db
[api]
auth_strategy = keystone
[quota]
driver = nova.quota.DbQuotaDriver
count_usage_from_placement = False
[oslo_policy]
policy_file = $deploy/nova-policy.yaml
[keystone_authtoken]
www_authenticate_uri = $identity
memcached_servers =
$auth
[keystone]
$auth
[oslo_concurrency]
lock_path = $dir/state
C
  sed "s#/nova.db#/nova_cell0.db#" "$dir/nova.conf" >"$dir/nova_cell0.conf"
  cp /etc/nova/api-paste.ini "$dir/"
  (
    cell() { nova-manage --config-file "$dir/$1" "${@:2}" >>"$dir/setup.log" 2>&1; }
    cell nova.conf api_db sync
    cell nova.conf cell_v2 map_cell0 --database_connection "sqlite:///$dir/nova_cell0.db"
    # The schemas of the two cells are the same: made once.
    cell nova.conf db sync --local_cell
    cp "$dir/nova.db" "$dir/nova_cell0.db"
    cell nova.conf cell_v2 create_cell --name cell1
    for file in nova nova_api nova_cell0; do wal "$dir/$file.db"; done
  ) &
  nova_ready="wait $!"
fi
answers "$identity" keystone

headers=(-H 'Content-Type: application/json')
token() {
  curl -sS -D- -o /dev/null "${headers[@]}" "$identity/auth/tokens" -d "{\"auth\":{\"identity\":{\"methods\":[\"password\"],\"password\":{\"user\":{\"name\":\"admin\",\"domain\":{\"id\":\"default\"},\"password\":\"admin-password-1\"}}},\"scope\":{\"system\":{\"all\":true}}}}" |
    tr -d '\r' | awk 'tolower($1) == "x-subject-token:" {print $2}'
}
admin=$(token)
api() { curl -fsS -H "X-Auth-Token: $admin" "${headers[@]}" "$@"; }
project() { api "$identity/projects" -d "{\"project\":{\"name\":\"$1\",\"domain_id\":\"$2\"}}" | jq -r .project.id; }
role() { api "$identity/roles?name=$1" | jq -r '.roles[0].id'; }
# account NAME PASSWORD DOMAIN [OPTION]: need not change its password at first use; that counts from the second password on.
account() {
  local id
  id=$(api "$identity/users" -d "{\"user\":{\"name\":\"$1\",\"domain_id\":\"$3\",\"password\":\"first-$2\",
    \"options\":{\"ignore_change_password_upon_first_use\":true${4:+,\"$4\":true}}}}" | jq -r .user.id)
  api -o /dev/null -X PATCH "$identity/users/$id" -d "{\"user\":{\"password\":\"$2\"}}"
  echo "$id"
}

# As deploy/openstack says: the customers in a domain of their own, the provisioner's role there and on an empty project.
customers=$(api "$identity/domains" -d '{"domain":{"name":"customers"}}' | jq -r .domain.id)
acme=$(project acme "$customers")
user=$(account acme-admin old-password-12b "$customers")
api -X PUT "$identity/projects/$acme/users/$user/roles/$(role member)"
desk=$(api "$identity/roles" -d '{"role":{"name":"komek"}}' | jq -r .role.id)
account acme-robot robot-password-12 "$customers" ignore_password_expiry >/dev/null
komek=$(account komek komek-service-pw-1 default ignore_password_expiry)
api -X PUT "$identity/domains/$customers/users/$komek/roles/$desk"
api -X PUT "$identity/projects/$(project komek default)/users/$komek/roles/$desk"
service=$(project service default)
compute_id=$(api "$identity/services" -d '{"service":{"type":"compute","name":"nova"}}' | jq -r .service.id)
api -o /dev/null "$identity/endpoints" -d "{\"endpoint\":{\"service_id\":\"$compute_id\",\"interface\":\"public\",\"region_id\":\"r1\",\"url\":\"$compute\"}}"
limit() { echo "{\"service_id\":\"$compute_id\",\"region_id\":\"r1\",\"resource_name\":\"$1\",\"default_limit\":$2}"; }
api -o /dev/null "$identity/registered_limits" \
  -d "{\"registered_limits\":[$(limit class:VCPU 20),$(limit class:MEMORY_MB 51200),$(limit servers 10)]}"
if [ "$nova" = nova ]; then
  api -X PUT "$identity/projects/$service/users/$(account nova nova-service-pw-1 default ignore_password_expiry)/roles/$(role admin)"
  $nova_ready
  export OS_NOVA_CONFIG_DIR=$dir OS_NOVA_CONFIG_FILES='api-paste.ini;nova.conf'
  serve nova "${port[1]}" /usr/bin/nova-api-wsgi
  answers "http://127.0.0.1:${port[1]}/" nova
  # The first request of each of its sessions with Keystone may fail.
  for _ in $(seq 50); do
    curl -fsS -o /dev/null -H "X-Auth-Token: $admin" "$compute/os-quota-sets/$acme" 2>/dev/null && break
    sleep 0.1
  done
fi
echo "$identity" >"$dir/identity"
echo "$compute" >"$dir/compute"
echo ready
while read -r verb name; do
  [ "$verb $name" != "restart keystone" ] || serve keystone "${port[0]}" /usr/bin/keystone-wsgi-public
done
