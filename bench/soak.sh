#!/usr/bin/env bash
# soak.sh MINUTES PICTURE.png VOLUME.nii.gz [JAVA OPTIONS]: a server under honest and hostile clients; see Soak.java.
set -euo pipefail
cd "$(dirname "$0")/.."
minutes=$1 picture=$2 volume=$3
shift 3
work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
jar=$(find app/target -maxdepth 1 -name attunet-app.jar)
[ -n "$jar" ] || { echo "soak.sh: no build; expected app/target/attunet-app.jar, as 'mvn -Pquick package' makes it" >&2; exit 2; }
java "${@:--Xmx1g}" -jar "$jar" serve models/hippocampus.zip models/nuclei.zip --port 18099 --max-body 64m --max-voxels 33554432 --work "$work" \
  2> "$work.log" &
server=$!
for _ in $(seq 120); do curl -sf -m 1 http://127.0.0.1:18099/health > /dev/null && break; sleep 0.5; done
# A client must drop unused connections before the server does, or one of its requests may meet the closing.
java -Djdk.httpclient.keepalive.timeout=30 bench/Soak.java http://127.0.0.1:18099 "$server" "$work" "$minutes" "$picture" "$volume"
