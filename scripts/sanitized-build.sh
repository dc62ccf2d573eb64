# Sourced by the scripts that test with AddressSanitizer and UndefinedBehaviorSanitizer.

# Prints the targets of native/targets that aren't the best of this machine, such as "scalar;avx512".
other_targets() {
  if [ "$(uname -m)" != x86_64 ]; then
    echo scalar
  elif grep -q avx512f /proc/cpuinfo; then
    echo 'scalar;avx2'
  else
    echo 'scalar;avx512'
  fi
}

# Builds the native tests and the addon in the folder. The targets of the second argument get no sanitizers.
sanitized_build() {
  npx cmake-js compile --out "$1" --parallel "$(nproc)" --CDCMAKE_CXX_COMPILER=g++ --CDCONVFORGE_WERROR=ON \
    --CDCONVFORGE_UNIT_FILES=20 --CDCONVFORGE_SANITIZE=address,undefined --CDCONVFORGE_OPTIMIZE=-O1 \
    "--CDCONVFORGE_UNCHECKED=$2"
}
