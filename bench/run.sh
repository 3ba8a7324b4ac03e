#!/bin/sh
# Builds what is measured and measures it.
#   bench/run.sh telegram [OPTION…]   the bot beside plain teloxide, grammY and aiogram
#   bench/run.sh timers [OPTION…]     SLA clocks with a million open deadlines
#   bench/run.sh latency [OPTION…]    from press to answer, from approval to hypervisor, on both engines
#   bench/run.sh actions [OPTION…]    the provisioner's overhead beyond its calls, proof to outbox, 200 actions on slow hypervisors
#   bench/run.sh crowd [OPTION…]      a thousand people, one who floods, steady load, an urgent message behind a queue
#   bench/run.sh desk [OPTION…]       console, API and reports with a million tickets; with --rt FOLDER beside Request Tracker 5
#   bench/run.sh credits [OPTION…]    a month of 100,000 services with 1,000,000 intervals closed, one customer's sheet
# Everything runs on loopback and keeps its files in bench/.work. Options are those of the programs: try --help.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$here/.work
target=${CARGO_TARGET_DIR:-$here/../target}
programs=$target/release
mkdir -p "$work"
what=${1:?telegram, timers, latency, actions, crowd, desk or credits}
shift
(cd "$here/.." && cargo build --locked --release -p komek-bot -p komek-crm)
(cd "$here" && CARGO_TARGET_DIR=$target cargo build --locked --release --bin "$what")
case $what in
  telegram)
    (cd "$here" && CARGO_TARGET_DIR=$target cargo build --locked --release --bin plain-teloxide)
    mkdir -p "$work/node"
    cp "$here"/telegram/*.mjs "$here"/telegram/package*.json "$work/node/"
    [ -d "$work/node/node_modules/grammy" ] || (cd "$work/node" && npm ci --silent --no-audit --no-fund)
    if [ ! -x "$work/venv/bin/python" ]; then
      python3 -m venv "$work/venv"
      "$work/venv/bin/pip" -q install -r "$here/telegram/requirements.txt"
    fi
    "$programs/telegram" --work "$work" --programs "$programs" --sources "$here/telegram" "$@"
    ;;
  timers | latency | actions | crowd | desk | credits) "$here/postgres.sh" "$programs/$what" --work "$work" --programs "$programs" "$@" ;;
  *) echo "telegram, timers, latency, actions, crowd, desk or credits?" >&2; exit 2 ;;
esac
