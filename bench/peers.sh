#!/usr/bin/env bash
# Times one inference and one training step of the full-width seed network (256 x 256; batch 1 and 2) in attunet and, in
# turn with it, in PyTorch. Only ratios from one sitting mean anything: the rounds alternate, and medians are compared.
#
#   bench/peers.sh [--peer FILE.py] [--rounds N] [--runs N] [--threads N] [--json]
#
# The peer is a Python script that takes "infer" or "train" with --size, --batch, --runs and --threads and prints one
# JSON object with "median_s" (and "peer", its name). Its path may also stand in ATTUNET_PEER, the Python in PYTHON.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
attunet=$here/../attunet
peer=${ATTUNET_PEER:-}
python=${PYTHON:-/usr/bin/python3}
rounds=3
runs=3
threads=$(getconf _NPROCESSORS_ONLN)
json=

die() { printf 'peers.sh: %s\n' "$*" >&2; exit 1; }
usage() { sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }

while [ $# -gt 0 ]; do
  case $1 in
    --json) json=yes; shift ;;
    -h | --help) usage; exit 0 ;;
    --peer | --rounds | --runs | --threads)
      [ $# -ge 2 ] || { usage >&2; exit 2; }
      case $1 in
        --peer) peer=$2 ;;
        --rounds) rounds=$2 ;;
        --runs) runs=$2 ;;
        --threads) threads=$2 ;;
      esac
      shift 2 ;;
    *) usage >&2; exit 2 ;;
  esac
done

[ -n "$peer" ] || die "no peer was named; expected a PyTorch script. Remedy: give --peer FILE.py or set ATTUNET_PEER."
[ -f "$peer" ] || die "$peer: no such file; expected a PyTorch script. Remedy: correct --peer or ATTUNET_PEER."
command -v "$python" > /dev/null || die "$python: not found; expected Python 3. Remedy: install python3 or set PYTHON."
"$python" -c 'import torch' 2> /dev/null ||
  die "$python has no PyTorch; expected the module torch. Remedy: apt-get install python3-torch (Debian, Ubuntu), or set" \
    "PYTHON to a Python that has it."

number() { sed -n 's/.*"median_s" *: *\([0-9.eE+-]*\).*/\1/p' | head -n 1; }
median() { # of the numbers given, one per line
  sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$attunet" --version > /dev/null # builds where that is needed, outside the timing

for what in infer train; do
  batch=1
  [ "$what" = infer ] || batch=2
  for ((round = 1; round <= rounds; round++)); do
    [ -n "$json" ] || printf '%s, round %d of %d\n' "$what" "$round" "$rounds" >&2
    args=(--size 256 --batch "$batch" --runs "$runs" --threads "$threads")
    "$attunet" bench --what "$what" "${args[@]}" --json | number >> "$work/$what.attunet"
    "$python" "$peer" "$what" "${args[@]}" > "$work/answer"
    number < "$work/answer" >> "$work/$what.peer"
    sed -n 's/.*"peer" *: *"\([^"]*\)".*/\1/p' "$work/answer" > "$work/name"
  done
  median < "$work/$what.attunet" > "$work/$what.attunet.median"
  median < "$work/$what.peer" > "$work/$what.peer.median"
done

infer_ours=$(< "$work/infer.attunet.median")
infer_peer=$(< "$work/infer.peer.median")
train_ours=$(< "$work/train.attunet.median")
train_peer=$(< "$work/train.peer.median")
if [ -n "$json" ]; then
  awk -v a="$infer_ours" -v b="$infer_peer" -v c="$train_ours" -v d="$train_peer" -v rounds="$rounds" \
    -v threads="$threads" -v peer="$(< "$work/name")" 'BEGIN {
      printf "{\"inference_speedup\": %.3f, \"training_speedup\": %.3f, ", b / a, d / c
      printf "\"inference_s\": %.4f, \"peer_inference_s\": %.4f, ", a, b
      printf "\"training_s\": %.4f, \"peer_training_s\": %.4f, ", c, d
      printf "\"peer\": \"%s\", \"rounds\": %d, \"threads\": %d}\n", peer, rounds, threads }'
else
  awk -v a="$infer_ours" -v b="$infer_peer" -v c="$train_ours" -v d="$train_peer" -v rounds="$rounds" \
    -v threads="$threads" -v peer="$(< "$work/name")" 'BEGIN {
      printf "seed network, 31.4 M parameters, 256 x 256, %d threads, medians of %d rounds\n\n", threads, rounds
      printf "%-24s %10s %16s %9s\n", "", "attunet", peer, "speed-up"
      printf "%-24s %8.3f s %14.3f s %8.2fx\n", "inference, batch 1", a, b, b / a
      printf "%-24s %8.3f s %14.3f s %8.2fx\n", "training step, batch 2", c, d, d / c }'
fi
