#!/usr/bin/env bash
# Compares a served model, under 8 clients for a minute, with the bare one (`attunet bench`), in turn.
#
#   bench/serve.sh MODEL.zip IMAGE [ROUNDS] [SECONDS]
#
# IMAGE should be a picture of 256 x 256, the size at which the bare model is timed. Prints a line of JSON for each round and
# the medians of the ratios. Needs an otherwise idle machine, curl, and a JDK for the clients.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[ $# -ge 2 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
model=$1 image=$2 rounds=${3:-3} seconds=${4:-60}
port=${PORT:-18080}
name=$(basename "$model" .zip)
work=$(mktemp -d)
server=
finish() {
  [ -z "$server" ] || kill "$server" 2> /dev/null || true
  [ -z "$server" ] || wait "$server" 2> /dev/null || true
  rm -rf "$work"
}
trap finish EXIT

field() { sed -n "s/.*\"$1\" *: *\([0-9.]*\).*/\1/p" | head -n 1; }
median() { sort -g | awk '{v[NR] = $1} END {print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }

./attunet --version > /dev/null
for round in $(seq "$rounds"); do
  engine=$(./attunet bench "$model" --size 256x256 --runs 100 --json | field per_second)
  segmenter=$(./attunet bench "$model" --what segment --size 256x256 --runs 100 --json | field per_second)
  # shellcheck disable=SC2086 # word splitting is intended
  ./attunet serve "$model" --port "$port" --work "$work/served" ${SERVE_OPTIONS:-} 2> "$work/log" &
  server=$!
  until curl -fs "http://127.0.0.1:$port/health" > /dev/null; do
    kill -0 "$server" || { cat "$work/log" >&2; exit 1; }
    sleep 0.2
  done
  load=$(java bench/Load.java "http://127.0.0.1:$port/api/segment/$name" "$image" 8 "$seconds")
  kill "$server" && wait "$server"
  server=
  rate=$(field per_second <<< "$load")
  echo "$rate $engine $segmenter" | awk '{print $1 / $2}' >> "$work/of_engine"
  echo "$rate $engine $segmenter" | awk '{print $1 / $3}' >> "$work/of_segmenter"
  echo "$(field p99_s <<< "$load") $(field median_s <<< "$load")" | awk '{print $1 / $2}' >> "$work/tail"
  echo "{\"round\": $round, \"engine_per_second\": $engine, \"segmenter_per_second\": $segmenter, \"served\": $load}"
done
echo "{\"of_engine\": $(median < "$work/of_engine"), \"of_segmenter\": $(median < "$work/of_segmenter")," \
  "\"p99_over_median\": $(median < "$work/tail")}"
