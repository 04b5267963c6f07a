#!/usr/bin/env bash
# Times one inference and one training step of the full-width seed network (256 x 256; batch 1 and 2) with attunet on ONNX
# Runtime and on libtorch and, in turn with them, with PyTorch. Only ratios within one session mean anything, so the rounds
# alternate and medians are compared.
#
#   bench/peers.sh [--peer FILE.py] [--rounds N] [--runs N] [--threads N] [--json]
#
# The peer is a Python script that takes "infer" or "train" with --size, --batch, --runs and --threads and prints one
# JSON object with "median_s" (and "peer", its name). ATTUNET_PEER may name its path, PYTHON the interpreter.
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
usage() { sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }

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
median() { # of the numbers on standard input, one per line
  sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$attunet" --version > /dev/null # builds if necessary, outside the timing

# The timed pairs WHAT-ENGINE, in turn
entries="infer-onnx infer-int8 infer-libtorch infer-peer train-libtorch train-peer"

time_one() { # WHAT-ENGINE
  local what=${1%-*} engine=${1#*-} batch=1 args
  [ "$what" = infer ] || batch=2
  case $engine in
    peer)
      "$python" "$peer" "$what" --size 256 --batch "$batch" --runs "$runs" --threads "$threads" > "$work/answer"
      sed -n 's/.*"peer" *: *"\([^"]*\)".*/\1/p' "$work/answer" > "$work/name"
      number < "$work/answer" >> "$work/$1" ;;
    *)
      args=(--what "$what" --size 256x256 --batch "$batch" --runs "$runs" --threads "$threads" --json)
      [ "$what" = train ] || args+=(--engine "$engine")
      "$attunet" bench "${args[@]}" > "$work/answer"
      sed -n 's/.*"gflops" *: *\([0-9.eE+-]*\).*/\1/p' "$work/answer" | head -n 1 >> "$work/$1.gflops"
      sed -n 's/.*"matrix_product_gflops" *: *\([0-9.eE+-]*\).*/\1/p' "$work/answer" | head -n 1 >> "$work/product"
      number < "$work/answer" >> "$work/$1" ;;
  esac
}

for ((round = 1; round <= rounds; round++)); do
  for entry in $entries; do
    [ -n "$json" ] || printf '%s, round %d of %d\n' "$entry" "$round" "$rounds" >&2
    time_one "$entry"
  done
done
of() { median < "$work/$1"; }
ratio() { awk -v a="$(of "$1")" -v b="$(of "$2")" 'BEGIN { printf "%.3f", a / b }'; }
name=$(< "$work/name")

if [ -n "$json" ]; then
  {
    printf '{"inference_speedup": %s, ' "$(ratio infer-peer infer-onnx)"
    printf '"int8_speedup": %s, "int8_s": %s, ' "$(ratio infer-peer infer-int8)" "$(of infer-int8)"
    printf '"training_speedup": %s, ' "$(ratio train-peer train-libtorch)"
    printf '"inference_over_libtorch": %s, "int8_over_fp32": %s, ' \
      "$(ratio infer-libtorch infer-onnx)" "$(ratio infer-onnx infer-int8)"
    printf '"inference_s": %s, "libtorch_inference_s": %s, ' "$(of infer-onnx)" "$(of infer-libtorch)"
    printf '"peer_inference_s": %s, ' "$(of infer-peer)"
    printf '"training_s": %s, "peer_training_s": %s, ' "$(of train-libtorch)" "$(of train-peer)"
    printf '"gflops": %s, "matrix_product_gflops": %s, ' "$(of infer-onnx.gflops)" "$(of product)"
    printf '"peer": "%s", "rounds": %d, "threads": %d}\n' "$name" "$rounds" "$threads"
  }
else
  printf 'seed network, 31.4 M parameters, 256 x 256, %d threads, medians of %d rounds\n\n' "$threads" "$rounds"
  row() { printf '%-24s %-26s %8.3f s %7.2fx\n' "$1" "$2" "$(of "$3")" "$(ratio "$4" "$3")"; }
  row "inference, batch 1" "attunet, ONNX Runtime" infer-onnx infer-peer
  row "" "attunet, int8" infer-int8 infer-peer
  row "" "attunet, libtorch" infer-libtorch infer-peer
  row "" "$name" infer-peer infer-peer
  row "training step, batch 2" "attunet, libtorch" train-libtorch train-peer
  row "" "$name" train-peer train-peer
  awk -v a="$(of infer-onnx.gflops)" -v b="$(of product)" 'BEGIN {
    printf "\nONNX Runtime reaches %.0f GFLOP/s, %.0f%% of a matrix product on this machine (%.0f).\n", a, 100 * a / b, b }'
fi
