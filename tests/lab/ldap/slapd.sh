#!/usr/bin/env bash
# A real OpenLDAP on loopback with the Cabinet's accounts, nothing owned by root, ended when standard input closes.
#
#   tests/lab/ldap/slapd.sh DIR           writes DIR/url, says "ready"
#
# cn=provisioner may write userPassword and pwdReset and read neither: least privilege as deploy/README.md asks for.
set -euo pipefail
dir=$1
mkdir -p "$dir/db"
umask 077
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

cat >"$dir/slapd.conf" <<C
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile $dir/slapd.pid
argsfile $dir/slapd.args
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
moduleload argon2
password-hash {ARGON2}
database mdb
maxsize 67108864
suffix "dc=cabinet,dc=test"
rootdn "cn=admin,dc=cabinet,dc=test"
rootpw admin-secret
directory $dir/db
index uid eq
overlay ppolicy
ppolicy_default "cn=default,ou=policies,dc=cabinet,dc=test"
ppolicy_hash_cleartext
access to attrs=userPassword
  by dn.exact="cn=provisioner,dc=cabinet,dc=test" =w
  by self write
  by anonymous auth
  by * none
access to attrs=pwdReset
  by dn.exact="cn=provisioner,dc=cabinet,dc=test" =rsw
  by self read
  by * none
access to attrs=pwdChangedTime,pwdAccountLockedTime
  by dn.exact="cn=provisioner,dc=cabinet,dc=test" =rs
  by * none
access to *
  by dn.exact="cn=provisioner,dc=cabinet,dc=test" read
  by users read
  by * none
C
cat >"$dir/people.ldif" <<'L'
dn: dc=cabinet,dc=test
objectClass: dcObject
objectClass: organization
o: cabinet
dc: cabinet

dn: ou=people,dc=cabinet,dc=test
objectClass: organizationalUnit
ou: people

dn: ou=policies,dc=cabinet,dc=test
objectClass: organizationalUnit
ou: policies

dn: cn=default,ou=policies,dc=cabinet,dc=test
objectClass: device
objectClass: pwdPolicy
cn: default
pwdAttribute: userPassword
pwdMustChange: TRUE
pwdCheckQuality: 2
pwdMinLength: 10
pwdInHistory: 3
pwdLockout: TRUE
pwdMaxFailure: 5

dn: cn=provisioner,dc=cabinet,dc=test
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: provisioner
userPassword: provisioner-secret

dn: uid=acme-admin,ou=people,dc=cabinet,dc=test
objectClass: inetOrgPerson
uid: acme-admin
cn: Acme
sn: Acme
userPassword: old-password-1
L
/usr/sbin/slapadd -f "$dir/slapd.conf" -l "$dir/people.ldif" -q
/usr/sbin/slapd -d 0 -f "$dir/slapd.conf" -h "ldap://127.0.0.1:$port" >"$dir/log" 2>&1 </dev/null &
pid=$!
trap 'kill "$pid" 2>/dev/null; wait "$pid" 2>/dev/null || true' EXIT
trap 'exit 1' INT TERM
for _ in $(seq 200); do
  ldapwhoami -x -H "ldap://127.0.0.1:$port" >/dev/null 2>&1 && break
  kill -0 "$pid" 2>/dev/null || { cat "$dir/log" >&2; exit 1; }
  sleep 0.05
done
echo "ldap://127.0.0.1:$port" >"$dir/url"
echo ready
while read -r _; do :; done
