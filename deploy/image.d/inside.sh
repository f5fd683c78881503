# shellcheck shell=bash
# inside ROOT SHARED COMMAND...: runs a command in an image's root as a container does: read-only, with /proc, /dev and an empty
# /tmp, in which SHARED, a directory, is /tmp/shared. Sourced; needs root.
inside() {
  # shellcheck disable=SC2016 # of the inner shell
  unshare --mount --fork bash -euc '
    root=$1 shared=$2
    shift 2
    mount --bind "$root" "$root"
    mount -o remount,bind,ro "$root"
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount -t tmpfs tmpfs "$root/tmp"
    mkdir "$root/tmp/shared"
    mount --bind "$shared" "$root/tmp/shared"
    exec env -i PATH=/sbin chroot "$root" "$@"' inside "$@"
}
