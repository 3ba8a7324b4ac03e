#!/usr/bin/env bash
# Runs the foreign clients' bots against a sandbox: installs pinned versions outside of the repository, starts a fresh
# sandbox for each, and fails unless every step of every bot was reported.
#
#   tests/clients/run.sh [aiogram|ptb|grammy]...
#
# KOMEK_SANDBOX        the sandbox's executable; without it, cargo builds one
# KOMEK_CLIENTS_CACHE  where the packages go (~/.cache/komek-clients)
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=${KOMEK_CLIENTS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/komek-clients}
clients=("$@")
[ ${#clients[@]} -gt 0 ] || clients=(aiogram ptb grammy)
mkdir -p "$cache"

# Two runs at the same time must not install into the same folder.
exec 9>"$cache/lock"
flock 9

if [ -z "${KOMEK_SANDBOX:-}" ]; then
  (cd "$here/../.." && cargo build --quiet -p komek-sandbox)
  target=$(cd "$here/../.." && cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
  KOMEK_SANDBOX=$target/debug/komek-sandbox
fi

# Exit 3: the clients themselves could not be installed, which says nothing about the sandbox.
unavailable() {
  echo "$1" >&2
  exit 3
}

python_packages() {
  python3 -c 'import ensurepip, venv' 2>/dev/null || unavailable "python3 with venv is missing: apt install python3-venv"
  if ! cmp -s "$here/requirements.txt" "$cache/requirements.txt"; then
    python3 -m venv --clear "$cache/venv"
    "$cache/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt" ||
      unavailable "pip could not install $here/requirements.txt"
    cp "$here/requirements.txt" "$cache/requirements.txt"
  fi
}

node_packages() {
  command -v npm >/dev/null || unavailable "node with npm is missing: apt install nodejs npm"
  if ! cmp -s "$here/package.json" "$cache/node/package.json.installed"; then
    mkdir -p "$cache/node"
    cp "$here/package.json" "$cache/node/package.json"
    (cd "$cache/node" && npm install --silent --no-audit --no-fund >/dev/null) ||
      unavailable "npm could not install $here/package.json"
    cp "$here/package.json" "$cache/node/package.json.installed"
  fi
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

failed=0
for client in "${clients[@]}"; do
  case $client in
    aiogram) python_packages; steps=8; command=("$cache/venv/bin/python" "$here/aiogram_bot.py") ;;
    ptb) python_packages; steps=8; command=("$cache/venv/bin/python" "$here/ptb_bot.py") ;;
    # The packages of node are found beside the script, so that nothing is installed into the repository.
    grammy) node_packages; cp "$here/grammy_bot.mjs" "$cache/node/"; steps=8; command=(node "$cache/node/grammy_bot.mjs") ;;
    *) echo "unknown client: $client" >&2; exit 2 ;;
  esac
  port=$(free_port)
  log=$(mktemp)
  "$KOMEK_SANDBOX" serve --listen "127.0.0.1:$port" --limits off 2>"$log" &
  sandbox=$!
  trap 'kill "$sandbox" 2>/dev/null || true' EXIT
  until grep -q "the sandbox is ready" "$log"; do
    kill -0 "$sandbox" || { cat "$log" >&2; exit 1; }
    sleep 0.05
  done
  output=$(mktemp)
  export SANDBOX_URL=http://127.0.0.1:$port WEBHOOK_PORT
  WEBHOOK_PORT=$(free_port)
  status=0
  PYTHONPATH=$here PYTHONDONTWRITEBYTECODE=1 timeout 120 "${command[@]}" >"$output" 2>&1 || status=$?
  kill "$sandbox" 2>/dev/null || true
  wait "$sandbox" 2>/dev/null || true
  done_steps=$(grep -c '^ok ' "$output" || true)
  if [ "$status" -eq 0 ] && [ "$done_steps" -eq "$steps" ]; then
    echo "$client: $done_steps of $steps steps"
  else
    echo "$client: failed (exit $status, $done_steps of $steps steps)"
    tail -n 40 "$output" | cut -c 1-400
    failed=1
  fi
  rm -f "$log" "$output"
done
exit "$failed"
