# Sourced. Prints the targets of native/targets that aren't the best of this machine, such as "scalar;avx512".
other_targets() {
  if [ "$(uname -m)" != x86_64 ]; then
    echo scalar
  elif grep -q avx512f /proc/cpuinfo; then
    echo 'scalar;avx2'
  else
    echo 'scalar;avx512'
  fi
}
