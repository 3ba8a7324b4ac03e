#!/usr/bin/env bash
# Installs axe-core (a pinned version, MPL-2.0, outside of the repository) and prints where its script is.
#
# KOMEK_CLIENTS_CACHE  where the package goes (~/.cache/komek-clients)
set -euo pipefail

version=4.14.1
cache=${KOMEK_CLIENTS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/komek-clients}
folder=$cache/axe-$version
script=$folder/node_modules/axe-core/axe.min.js
mkdir -p "$folder"
exec 9>"$folder/lock"
flock 9
if [ ! -s "$script" ]; then
  command -v npm >/dev/null || { echo "npm is missing: apt install npm" >&2; exit 3; }
  npm install --silent --no-audit --no-fund --prefix "$folder" "axe-core@$version" >/dev/null ||
    { echo "npm could not install axe-core $version" >&2; exit 3; }
fi
echo "$script"
