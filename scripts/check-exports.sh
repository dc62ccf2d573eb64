#!/usr/bin/env bash
# check-exports.sh NM OBJECTS...: checks that each target's object exports its kernel table and nothing else. Any other symbol, such as
# a std:: template, would carry that instruction set's code under a name that baseline code links to.
set -euo pipefail
nm=$1
shift
checked=0
# CMake separates the items of a list by semicolons.
IFS=';' read -ra objects <<<"$(IFS=';'; echo "$*")"
for object in "${objects[@]}"; do
  name=$(basename "$object")
  isa=${name%%.*}
  case $object in */targets/*) ;; *) continue ;; esac
  [ "$isa" = dispatch ] && continue
  # All global and weak symbols except the sanitizers'.
  exported=$("$nm" -C --defined-only --extern-only "$object" | sed 's/^[0-9a-f]* . //' | grep -v -E '^(__asan|__odr_asan|DW\.ref)' || true)
  [ -z "$exported" ] && continue # for another processor
  if [ "$exported" != "convforge::$isa::kernels()" ]; then
    printf '%s exports more than its table:\n%s\n' "$name" "$exported" >&2
    exit 1
  fi
  checked=$((checked + 1))
done
[ "$checked" -gt 0 ] || { echo 'no target objects were found' >&2; exit 1; }
echo "$checked target objects export their table only"
