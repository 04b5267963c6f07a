#!/usr/bin/env bash
# Segments many scans on Spark and, in turn, in one process: bench/spark.sh MODEL SCANS [ROUNDS]
#
# One process is 'attunet predict' with all cores for each operation. Spark is two executors, separate processes with one
# core each, on this machine. Each side loads its model anew in every round. Two times are reported for Spark: the job's on
# started executors, from the listing of the scans to the finished table, including the loading of the model; and the whole
# command's, including the start of Spark and of the executors. What Spark adds to a case is the time of its cores during the
# job beyond the cases' own seconds.
set -euo pipefail
if [ $# -lt 2 ]; then
  sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
model=$1
scans=$2
rounds=${3:-3}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

now() { date +%s%N; }
seconds() { awk -v n="$1" 'BEGIN { printf "%.2f", n / 1e9 }'; }
field() { sed -n "s/^ *\"$1\" : \([0-9.]*\),\{0,1\}\$/\1/p" "$2"; }
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

"$root/attunet" --version > /dev/null # builds if a source is newer
"$root/attunet" spark --version > /dev/null
for ((round = 1; round <= rounds; round++)); do
  began=$(now)
  "$root/attunet" predict "$model" "$scans" -o "$work/predict-$round" > /dev/null 2> "$work/log"
  one=$(seconds $(($(now) - began)))
  began=$(now)
  "$root/attunet" spark segment "$model" "$scans" -o "$work/spark-$round" --master 'local-cluster[2,1,2048]' \
    --conf spark.scheduler.minRegisteredResourcesRatio=1 --conf spark.cores.max=2 --json \
    > "$work/result.json" 2> "$work/log"
  whole=$(seconds $(($(now) - began)))
  cases=$(field "done" "$work/result.json")
  job=$(field seconds "$work/result.json")
  own=$(field case_seconds "$work/result.json")
  for mask in "$work/predict-$round"/*; do
    cmp -s "$mask" "$work/spark-$round/masks/${mask##*/}" || { echo "${mask##*/} differs" >&2; exit 1; }
  done
  rm -rf "$work/predict-$round" "$work/spark-$round"
  awk -v one="$one" -v job="$job" -v whole="$whole" -v own="$own" -v cases="$cases" -v round="$round" -v work="$work" \
    'BEGIN {
      added = 1000 * (2 * job - own) / cases
      printf "round %d: %d cases; one process %.1f s; Spark job %.1f s (%.2f x), whole command %.1f s (%.2f x);", \
        round, cases, one, job, one / job, whole, one / whole
      printf " a case %.0f ms of its own, %.1f ms added\n", 1000 * own / cases, added
      print one / job >> (work "/job"); print one / whole >> (work "/whole"); print added >> (work "/added")
    }'
done
echo "medians of $rounds: job $(median "$work/job") x one process, whole command $(median "$work/whole") x," \
  "$(median "$work/added") ms added to a case; masks equal"
