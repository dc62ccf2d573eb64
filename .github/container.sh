#!/bin/sh
# Installs a compiler in a container, AlmaLinux 8 or an Alpine that has Node, and builds and tests the addon of one target.
# Usage: container.sh TARGET
set -e
NODE=v22.23.5
if [ -e /etc/alpine-release ]; then
  apk add --quiet bash binutils cmake g++ git make
else
  dnf install --assumeyes --quiet cmake gcc-toolset-12-binutils gcc-toolset-12-gcc-c++ git make which
  # shellcheck disable=SC1091
  . /opt/rh/gcc-toolset-12/enable
  case $(uname -m) in
    x86_64) arch=x64 ;;
    aarch64) arch=arm64 ;;
  esac
  curl --fail --silent --show-error "https://nodejs.org/dist/$NODE/node-$NODE-linux-$arch.tar.gz" |
    tar --extract --gzip --directory /usr/local --strip-components 1
fi
git config --global --add safe.directory "$PWD"
exec bash .github/prebuild.sh "$1"
