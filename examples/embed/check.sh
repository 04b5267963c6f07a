#!/usr/bin/env bash
# Builds the example against this checkout's core in a separate local Maven repository, checks that its classpath holds no
# libtorch, and runs it on a model: examples/embed/check.sh MODEL IMAGE [arguments for Maven, such as -o]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)
model=$(realpath "$1")
image=$(realpath "$2")
shift 2

# Hard links to the user's repository: nothing is downloaded twice, and other builds don't find what is installed here.
shared=${HOME}/.m2/repository
mkdir -p "$shared"
repository=$(mktemp -d "$(dirname "$shared")/attunet-embed.XXXXXX")
trap 'rm -rf "$repository"' EXIT
cp -al "$shared/." "$repository" 2> /dev/null || cp -R "$shared/." "$repository"
rm -rf "$repository/org/attunet"

mvn -B -q "$@" -f "$root/pom.xml" -Dmaven.repo.local="$repository" -Pquick -pl core -am install
mvn -B -q "$@" -f "$here/pom.xml" -Dmaven.repo.local="$repository" clean verify

if find "$here/target/lib" -name '*.jar' | grep -iE 'bytedeco|torch|javacpp|openblas|attunet-train' >&2; then
  echo "embed: the classpath holds libtorch" >&2
  exit 1
fi
mask=$here/target/mask.png
java -jar "$here/target/embed.jar" "$model" "$image" "$mask"
[ -s "$mask" ]
echo "embed: $(find "$here/target/lib" -name '*.jar' | wc -l) jars, no libtorch among them; a mask was written"
