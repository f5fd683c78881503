# shellcheck shell=bash
# Debian's stock kernels, unpacked and never installed, in ${FREEWAY_CACHE:-~/.cache/freeway}/lab. Sourced by deploy/lab.
#
#   $lab_cache/kernels/SERIES/        one kernel: modules/lib/modules/RELEASE, vmlinux, release, package
#   $lab_cache/initrds/SERIES-HASH    the initial file system for it, named by the hash of everything in it
#
# A directory there is whole or absent: everything is made beside its place and renamed into it, under a lock per series.

lab_cache=${FREEWAY_CACHE:-$HOME/.cache/freeway}/lab

# The series that are tested, and the Debian suite each comes from.
kernel_suite() {
  case $1 in
    6.1) echo bookworm ;;
    6.12) echo bookworm-backports ;;
    7.2) echo sid ;;
    *) fail "unknown kernel $1: 6.1, 6.12 or 7.2 would be right" ;;
  esac
}

# Prints the directory of an unpacked kernel, fetching it first if there is none.
kernel_ready() {
  local series=$1 suite directory
  suite=$(kernel_suite "$series")
  directory=$lab_cache/kernels/$series
  if ! kernel_whole "$directory"; then
    mkdir -p "$lab_cache/kernels"
    (
      flock 9
      kernel_whole "$directory" || kernel_fetch "$series" "$suite" "$directory"
    ) 9> "$lab_cache/kernels/.$series.lock"
  fi
  echo "$directory"
}

kernel_whole() {
  local release
  [ -f "$1/release" ] && release=$(< "$1/release") \
    && [ -s "$1/vmlinux" ] && [ -s "$1/modules/lib/modules/$release/modules.dep" ] \
    && [ -s "$1/modules/lib/modules/$release/modules.builtin" ]
}

kernel_fetch() {
  local series=$1 suite=$2 directory=$3 work package release
  require apt-get:apt dpkg-deb:dpkg depmod:kmod xz:xz-utils
  rm -rf "$directory" "$directory".tmp.* # whatever an interrupted run left
  work=$directory.tmp.$$
  mkdir -p "$work"
  # shellcheck disable=SC2064 # the directory of now is meant
  trap "rm -rf '$work'" EXIT

  note "fetching Linux $series from Debian $suite (once)"
  apt_for_suite "$suite" "$work"
  apt-get "${apt_options[@]}" -qq update > "$work/log" 2>&1 \
    || fail "cannot read the package list of Debian $suite: $(grep -m1 '^[EW]:' "$work/log")"
  package=$(dependencies linux-image-amd64 '^linux-image-[0-9]' | head -n 1)
  [ -n "$package" ] || fail "Debian $suite has no linux-image-amd64"
  case $package in
    linux-image-"$series".* | linux-image-"$series"+* | linux-image-"$series"-*) ;;
    *) note "Debian $suite has moved on from $series: using $package" ;;
  esac
  local part
  mkdir "$work/debs"
  # Since Debian 14 the image package only names the packages that hold the kernel, its modules and their lists.
  for part in "$package" $(dependencies "$package" '^linux-(modules|binary|base)-[0-9]'); do
    (cd "$work/debs" && apt-get "${apt_options[@]}" -qq download "$part" > "$work/log" 2>&1) \
      || fail "cannot download $part: $(grep -m1 '^[EW]:' "$work/log")"
  done
  for part in "$work"/debs/*.deb; do dpkg-deb -x "$part" "$work/files"; done

  mkdir -p "$work/whole/modules/lib/modules"
  local modules=$work/files/lib/modules
  [ -d "$modules" ] || modules=$work/files/usr/lib/modules
  release=$(basename "$modules"/*)
  mv "$modules/$release" "$work/whole/modules/lib/modules/"
  modules=$work/whole/modules/lib/modules/$release
  depmod -b "$work/whole/modules" "$release" 2> "$work/log" || fail "depmod: $(head -n 1 "$work/log")"
  local image=$work/files/boot/vmlinuz-$release
  [ -f "$image" ] || image=$modules/vmlinuz # its place since Debian 14
  [ -f "$image" ] || fail "$package holds no kernel image"
  unpack_image "$image" > "$work/whole/vmlinux"
  rm -f "$modules/build" "$modules/source"
  echo "$package" > "$work/whole/package"
  echo "$release" > "$work/whole/release"
  mv "$work/whole" "$directory"
}

# The uncompressed kernel inside a bzImage. It is booted through its PVH entry: an emulated processor
# would need seconds for the decompression that costs this machine a fraction of one.
unpack_image() {
  local image=$1 offset
  # The magic numbers of the compressions that Debian has used for its kernels, and what undoes each.
  local -A decompress=(['\xFD7zXZ\x00']='xz -dcq' ['\x28\xB5\x2F\xFD']='zstd -dcq' ['\x1F\x8B\x08']='gzip -dcq')
  local magic
  for magic in "${!decompress[@]}"; do
    while read -r offset; do
      # What follows the payload is reported as an error; whether the kernel is whole shows in its first bytes and its size.
      if [ "$(tail -c +$((offset + 1)) "$image" | ${decompress[$magic]} 2> /dev/null | head -c 4 | od -An -c | tr -d ' ')" = '177ELF' ]; then
        tail -c +$((offset + 1)) "$image" | ${decompress[$magic]} 2> /dev/null || true
        return
      fi
    done < <(LC_ALL=C grep -abo -P "$magic" "$image" | cut -d: -f1)
  done
  fail "no kernel found in $image: compressed in a way this script does not know"
}

# apt with lists, caches and sources of its own: needs no root, changes nothing on this machine.
apt_for_suite() {
  local suite=$1 work=$2 mirror
  mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2> /dev/null \
    | grep -oE '^[^#]*https?://[^ ]+/debian/?([ ]|$)' | grep -oE 'https?://[^ ]+' | head -n 1) || true
  local key=/usr/share/keyrings/debian-archive-keyring.gpg
  [ -f "$key" ] || fail "Debian's archive key is missing: apt-get install debian-archive-keyring"
  mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial"
  mirror=${mirror:-http://deb.debian.org/debian} mirror=${mirror%/}
  echo "deb [signed-by=$key] $mirror $suite main" > "$work/apt/sources.list"
  # A release gets its newer kernels through the security archive.
  [ "$suite" != bookworm ] || echo "deb [signed-by=$key] $mirror-security $suite-security main" >> "$work/apt/sources.list"
  apt_options=(
    -o "Dir::Etc::sourcelist=$work/apt/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$work/apt/lists"
    -o "Dir::Cache=$work/apt/cache" -o APT::Architecture=amd64 -o Acquire::Languages=none -o APT::Sandbox::User=
    -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false -o APT::Update::Post-Invoke= -o Acquire::Retries=3
  )
}

dependencies() {
  apt-cache "${apt_options[@]}" depends "$1" | awk -v wanted="$2" '$1 == "Depends:" && $2 ~ wanted {print $2}'
}

# Prints the initial file system of an unpacked kernel: busybox, the modules it takes to reach the shared files, and lab.d/init.
initrd_ready() {
  local series=$1 directory=$2 release modules hash initrd work file i=100
  release=$(< "$directory/release")
  modules=$(for file in virtio_pci 9p 9pnet_virtio overlay virtio_console; do
    modprobe -d "$directory/modules" -S "$release" --show-depends "$file" | awk '$1 == "insmod" {print $2}'
  done | awk '!seen[$0]++')
  hash=$(cat "$lab_d/init" "$busybox" "$directory/package" <(echo "$modules") | sha256sum | cut -c1-16)
  initrd=$lab_cache/initrds/$series-$hash
  if [ ! -s "$initrd" ]; then
    mkdir -p "$lab_cache/initrds"
    work=$(mktemp -d "$lab_cache/initrds/.tmp.XXXXXX")
    mkdir -p "$work"/files/{bin,modules,proc,sys,dev,root}
    cp "$busybox" "$work/files/bin/busybox"
    install -m 755 "$lab_d/init" "$work/files/init"
    for file in $modules; do # newer kernels ship their modules compressed
      local name
      name=$((i++))-$(basename "$file")
      case $file in
        *.xz) xz -dc "$file" > "$work/files/modules/${name%.xz}" ;;
        *.zst) zstd -dcq "$file" > "$work/files/modules/${name%.zst}" ;;
        *) cp "$file" "$work/files/modules/$name" ;;
      esac
    done
    (cd "$work/files" && find . | "$busybox" cpio -o -H newc 2> /dev/null) > "$work/initrd"
    mv "$work/initrd" "$initrd"
    rm -rf "$work"
    find "$lab_cache/initrds" -name "$series-*" ! -name "$series-$hash" -mmin +1440 -delete
  fi
  echo "$initrd"
}
