#!/bin/sh
# Installs Request Tracker 5 from Debian's packages and fills it, on a PostgreSQL cluster of its own; as root, on loopback, /etc/ is not touched.
#   bench/desk/rt/install.sh FOLDER [TICKETS]   FOLDER gets all that is made; TICKETS (100,000) are put into it, as many as are missing
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:?a folder}
tickets=${2:-100000}
mkdir -p "$folder/site/d"
chmod 1777 "$folder"
folder=$(cd "$folder" && pwd)
if ! dpkg -s request-tracker5 starman postgresql-15 >/dev/null 2>&1; then
  apt-get update -qq || true
  # dbconfig-no-thanks: nobody is asked about databases; dma: a mailer without a daemon, which is never used, where there is none: it
  # would take the place of one that is there.
  mailer=$(command -v sendmail >/dev/null || echo dma)
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends \
    postgresql-15 request-tracker5 rt5-db-postgresql rt5-standalone starman dbconfig-no-thanks $mailer
fi
# A mailer that reads what it is given: one that does not would be an error in each ticket.
printf '#!/bin/sh\nexec cat >/dev/null\n' >"$folder/sink"
chmod 755 "$folder/sink"
cat >"$folder/site/RT_SiteConfig.pm" <<C
Set(\$rtname, 'bench.test'); Set(\$Organization, 'bench.test'); Set(\$Timezone, 'UTC');
Set(\$DatabaseType, 'Pg'); Set(\$DatabaseHost, '127.0.0.1'); Set(\$DatabasePort, '55433');
Set(\$DatabaseUser, 'rt_user'); Set(\$DatabasePassword, 'rtbench'); Set(\$DatabaseName, 'rt5'); Set(\$DatabaseAdmin, 'postgres');
Set(\$WebDomain, '127.0.0.1'); Set(\$WebPort, 8089); Set(\$WebPath, '');
Set(\$CorrespondAddress, 'rt@bench.test'); Set(\$CommentAddress, 'rt-comment@bench.test');
Set(\$MailCommand, 'sendmailpipe'); Set(\$SendmailPath, '$folder/sink');
Set(\$LogToSyslog, undef); Set(\$LogToSTDERR, 'error'); Set(\$LogToFile, undef);
# A token that is made at cost 4 is checked at cost 4: at RT's own 12 each request would cost a quarter of a second more.
Set(\$BcryptCost, 4);
1;
C
if [ ! -d "$folder/pg" ]; then
  install -d -o postgres -g postgres "$folder/pg"
  su postgres -s /bin/sh -c "/usr/lib/postgresql/15/bin/initdb -D $folder/pg -A trust -U postgres -E UTF8 --locale=C.UTF-8" >/dev/null
  printf "listen_addresses='127.0.0.1'\nport=55433\nunix_socket_directories='%s'\nshared_buffers=256MB\nmax_connections=60\nmax_wal_size=4GB\n" \
    "$folder" >>"$folder/pg/postgresql.conf"
fi
"$here/database.sh" "$folder" start
trap '"$here/database.sh" "$folder" stop' EXIT
trap 'exit 130' INT TERM
RT_SITE_CONFIG=$folder/site/RT_SiteConfig.pm
RT_SITE_CONFIG_DIR=$folder/site/d
export RT_SITE_CONFIG RT_SITE_CONFIG_DIR
sql() { psql -h 127.0.0.1 -p 55433 -U postgres -X -q -At -v ON_ERROR_STOP=1 rt5 "$@"; }
sql -c 'SELECT 1 FROM tickets LIMIT 1' >/dev/null 2>&1 ||
  rt-setup-database-5 --action init --dba postgres --dba-password x >"$folder/setup.log" 2>&1
[ -f "$folder/token" ] || perl "$here/people.pl" "$folder/token"
there=$(sql -c 'SELECT COUNT(*) FROM tickets')
if [ "$there" -lt "$tickets" ]; then
  sql -v n=$((tickets - there)) -f "$here/tickets.sql"
fi
echo "Request Tracker has $(sql -c 'SELECT COUNT(*) FROM tickets') tickets"
