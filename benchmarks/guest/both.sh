#!/usr/bin/env bash
# programming.sh with the first six arguments, packets.sh with the rest.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
bash "$here/programming.sh" "${@:1:6}"
bash "$here/packets.sh" "${@:7}"
