#!/usr/bin/env bash
# Runs schemathesis (a pinned version, installed outside of the repository) against a running API: every documented request, thousands of
# generated ones, well-formed and not, and every answer held against the document.
#
#   tests/clients/schemathesis.sh http://127.0.0.1:PORT TOKEN
#
# KOMEK_CLIENTS_CACHE          where the package goes (~/.cache/komek-clients)
# KOMEK_SCHEMATHESIS_EXAMPLES  how many for each operation (40)
# KOMEK_SCHEMATHESIS_SEED      which (7: the same with each run)
set -euo pipefail

url=$1 token=$2
version=4.32.5
cache=${KOMEK_CLIENTS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/komek-clients}
mkdir -p "$cache"
exec 9>"$cache/schemathesis.lock"
flock 9
# Exit 3: schemathesis could not be installed, which says nothing about the API.
unavailable() {
  echo "$1" >&2
  exit 3
}
venv=$cache/schemathesis-$version
if [ ! -x "$venv/bin/st" ]; then
  python3 -c 'import ensurepip, venv' 2>/dev/null || unavailable "python3 with venv is missing: apt install python3-venv"
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$version" || {
    rm -rf "$venv"
    unavailable "pip could not install schemathesis $version"
  }
fi
flock -u 9

here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cp "$here/schemathesis_hooks.py" hooks.py
# The rules of the desk refuse what the document cannot express (a ticket that is closed, a contact of another customer): with a 409, which
# is no fault of the caller's form.
cat >schemathesis.toml <<'TOML'
hooks = "hooks.py"

[checks.positive_data_acceptance]
expected-statuses = ["2xx", "401", "403", "404", "409", "429", "5xx"]
TOML
# missing_required_header leaves the token out and then sends the one of -H all the same; ignored_auth tests what is meant.
PYTHONPATH=$folder "$venv/bin/st" --no-color run "$url/api/v1/openapi.json" --url "$url" -H "Authorization: Bearer $token" \
  --checks all --exclude-checks missing_required_header --max-examples "${KOMEK_SCHEMATHESIS_EXAMPLES:-40}" --seed "${KOMEK_SCHEMATHESIS_SEED:-7}" --workers 2 --request-timeout 10
