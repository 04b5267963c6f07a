#!/usr/bin/env bash
# Builds the examples against this checkout's core in a separate local Maven repository, checks that their classpath holds
# no libtorch, and compares what they write with what `attunet predict` wrote for the same pictures:
# examples/check.sh MODEL PICTURES MASKS MASKS_OF_AN_ENSEMBLE [arguments for Maven, such as -o]
# The last folder comes from `predict MODEL PICTURES --model MODEL --tta --uncertainty`.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$here/.." && pwd -P)
model=$(realpath "$1")
pictures=$(realpath "$2")
masks=$(realpath "$3")
ensemble=$(realpath "$4")
shift 4

# Hard links to the user's repository: nothing is downloaded twice, and other builds don't find what is installed here.
shared=${HOME}/.m2/repository
mkdir -p "$shared"
repository=$(mktemp -d "$(dirname "$shared")/attunet-embed.XXXXXX")
work=$(mktemp -d)
service=
trap 'rm -rf "$repository" "$work"; [ -z "$service" ] || kill "$service"' EXIT
cp -al "$shared/." "$repository" 2> /dev/null || cp -R "$shared/." "$repository"
rm -rf "$repository/org/attunet"

# README's POM and program are the example's, word for word.
block() { sed -n '/^## In your own Java program/,/^## /p' "$root/README.md" | sed -n "/^\`\`\`$1\$/,/^\`\`\`\$/{//!p}"; }
diff <(block xml) "$here/embed/pom.xml"
diff <(block java) "$here/embed/src/main/java/Main.java"

mvn -B -q "$@" -f "$root/pom.xml" -Dmaven.repo.local="$repository" -Pquick -pl core -am install
mvn -B -q "$@" -f "$here/embed/pom.xml" -Dmaven.repo.local="$repository" clean compile \
  org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DoutputDirectory="$work/lib"
if find "$work/lib" -name '*.jar' | grep -iE 'bytedeco|torch|javacpp|openblas|attunet-train' >&2; then
  echo "examples: the classpath holds libtorch" >&2
  exit 1
fi

example() {
  java -cp "$here/embed/target/classes:$work/lib/*" "$@"
}
first=$(find "$pictures" -name '*.png' | sort | head -1)
mask=$masks/$(basename "$first")

cp "$model" "$work/model.zip"
cp "$first" "$work/picture.png"
(cd "$work" && example Main)
cmp "$mask" "$work/mask.png"

example example.Batch "$model" "$pictures" "$work/batch"
diff -r --exclude predictions.csv "$masks" "$work/batch"

name=$(basename "$first" .png)
example example.Ensemble "$first" "$work/ensemble/$name.png" "$model" "$model"
for file in "$work/ensemble"/*; do cmp "$ensemble/$(basename "$file")" "$file"; done

example example.WebService "$model" 0 > "$work/address" &
service=$!
for _ in $(seq 100); do [ -s "$work/address" ] || sleep 0.1; done
curl -sS --fail --data-binary @"$first" "$(cat "$work/address")" > "$work/answer.png"
cmp "$mask" "$work/answer.png"
refused=$(curl -sS -w ' %{http_code}' --data-binary @"$model" "$(cat "$work/address")")
[[ $refused == "stream: it is a ZIP archive; "*" 422" ]] || { echo "examples: $refused" >&2; exit 1; }

javac -Werror -p "$work/lib" -d "$work/modular" "$here"/modular/src/module-info.java \
  "$here"/modular/src/example/modular/*.java
java -p "$work/lib:$work/modular" -m example.modular/example.modular.Modular \
  "$model" "$first" "$work/modular.png" "$work/overlay.png"
cmp "$mask" "$work/modular.png"
[ -s "$work/overlay.png" ]
echo "examples: $(find "$work/lib" -name '*.jar' | wc -l) jars, no libtorch among them; the masks are predict's"
