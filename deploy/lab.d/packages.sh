# shellcheck shell=bash
# packages_install PACKAGE...: Debian packages, as root, without the parts nobody here reads. Sourced.
packages_install() {
  export DEBIAN_FRONTEND=noninteractive
  local options=(
    -o Acquire::Languages=none -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300
    -o Dpkg::Options::=--force-unsafe-io -o Dpkg::Options::=--path-exclude=/usr/share/man/* -o Dpkg::Options::=--path-exclude=/usr/share/doc/*
  )
  apt-get "${options[@]}" -qq install -y --no-install-recommends "$@" < /dev/null > /dev/null 2>&1 && return
  # A new machine has no package lists, an old one has stale ones.
  apt-get "${options[@]}" -qq update < /dev/null
  apt-get "${options[@]}" -qq install -y --no-install-recommends "$@" < /dev/null
}
