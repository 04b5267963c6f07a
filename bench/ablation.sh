#!/usr/bin/env bash
# Measures what each part of the training adds: trains the plan, and the same without one part at a time, on one split for
# N steps each, then predicts the held-out cases with and without mirror images. Prints a Markdown table. Finished runs are
# not trained again.
#
#   bench/ablation.sh DATA OUT [--steps N] [--only NAME,NAME…]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
attunet=$here/../attunet
steps=500
only=

die() { printf 'ablation.sh: %s\n' "$*" >&2; exit 1; }
usage() { sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }

[ $# -ge 2 ] || { usage >&2; exit 2; }
data=$1
out=$2
shift 2
while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || { usage >&2; exit 2; }
  case $1 in
    --steps) steps=$2 ;;
    --only) only=$2 ;;
    *) usage >&2; exit 2 ;;
  esac
  shift 2
done

names=(plan no-augmentation mirrored not-mirrored no-averaging no-deep-supervision no-foreground constant-rate sgd last-weights half-batch)
words() { # the name of a variant in the table
  case $1 in
    plan) echo "the plan" ;;
    no-augmentation) echo "without augmentation" ;;
    mirrored) echo "augmentation with mirror images too" ;;
    not-mirrored) echo "augmentation without mirror images" ;;
    no-averaging) echo "without averaging of the weights" ;;
    no-deep-supervision) echo "without deep supervision" ;;
    no-foreground) echo "patches anywhere, none centred on a structure" ;;
    constant-rate) echo "constant learning rate" ;;
    sgd) echo "SGD, Nesterov 0.99, polynomial decay" ;;
    last-weights) echo "the last weights in place of the best in validation" ;;
    half-batch) echo "half the batch, twice the steps" ;;
  esac
}
flips() { sed -n 's/^ *flip: *//p' "$out/plan/plan.yaml"; } # the share of patches that the plan mirrors
flipped() { # writes the plan with another such share and prints the file's path
  [ -e "$out/plan/plan.yaml" ] || die "$out/plan: no finished training by the plan; train 'plan' first"
  sed "s/^\( *flip:\).*/\1 $2/" "$out/plan/plan.yaml" > "$out/$1.yaml"
  echo "$out/$1.yaml"
}
options() {
  case $1 in
    plan) ;;
    no-augmentation) echo --no-augmentation ;;
    mirrored) echo --plan "$(flipped mirrored 0.5)" ;;
    not-mirrored) echo --plan "$(flipped not-mirrored 0.0)" ;;
    no-averaging) echo --average 0 ;;
    no-deep-supervision) echo --no-deep-supervision ;;
    no-foreground) echo --foreground 0 ;;
    constant-rate) echo --schedule constant ;;
    sgd) echo --optimizer sgd --schedule polynomial ;;
    last-weights) echo --validations 1 ;;
    half-batch) echo --batch 2 ;;
  esac
}

number() { sed -n "s/.*\"$1\" *: *\([-0-9.eE]*\).*/\1/p" "$2" | tail -n 1; }

mkdir -p "$out"
for name in "${names[@]}"; do
  case ,$only, in ,, | *",$name,"*) ;; *) continue ;; esac
  case $name:$(flips 2> /dev/null) in mirrored:0.5 | not-mirrored:0.0) continue ;; esac # would repeat the plan itself
  run=$out/$name
  count=$steps
  [ "$name" != half-batch ] || count=$((2 * steps))
  if [ ! -e "$run.tta.json" ]; then
    resume=
    [ ! -e "$run/last.ckpt" ] || resume=--resume
    # shellcheck disable=SC2046 # word splitting is intended
    "$attunet" train "$data" -o "$run" --steps "$count" $(options "$name") $resume > "$run.log" 2>&1 ||
      die "training failed; $run.log has the reason"
    "$attunet" evaluate "$run" "$data" --json > "$run.json" 2>> "$run.log"
    "$attunet" evaluate "$run" "$data" --tta --json > "$run.tta.part" 2>> "$run.log"
    mv "$run.tta.part" "$run.tta.json"
  fi
done

base=$(number mean_dice "$out/plan.json" 2> /dev/null) || base=
printf '| training | mean Dice | against the plan | with mirror images | minutes |\n|---|---|---|---|---|\n'
for name in "${names[@]}"; do
  [ -e "$out/$name.tta.json" ] || continue
  minutes=$(tail -n 1 "$out/$name/history.csv" | cut -d , -f 2)
  awk -v w="$(words "$name")" -v d="$(number mean_dice "$out/$name.json")" -v b="${base:-0}" \
    -v t="$(number mean_dice "$out/$name.tta.json")" -v m="$minutes" \
    'BEGIN { printf "| %s | %.4f | %+.4f | %.4f | %.1f |\n", w, d, d - b, t, m }'
done
