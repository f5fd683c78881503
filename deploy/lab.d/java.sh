# shellcheck shell=bash
# find_java sets JAVA_HOME to a JDK 25 or newer, or says what to install; warm_launcher gives the program its cache. Sourced.
find_java() {
  local home
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/*2[5-9]*; do
    if [ -x "$home/bin/javac" ] && [ "$(java_feature "$home")" -ge 25 ]; then
      export JAVA_HOME=$home
      return
    fi
  done
  echo "missing: a JDK 25. Debian: apt-get install temurin-25-jdk from Adoptium's repository (https://adoptium.net/installation/linux)," \
    "or unpack any JDK 25 and set JAVA_HOME to it" >&2
  return 1
}

# warm_launcher REPOSITORY: deploy/ipvs-router records its cache of loaded classes in the background after a first start;
# this returns when it is there. For who measures it, or starts it where that would take long or cannot be kept.
warm_launcher() {
  "$1/deploy/ipvs-router" --version > /dev/null
  flock -w 120 "$1/dataplane/target/freeway-dataplane.jar" true
}

# The feature release of the JDK at $1, from the file that every JDK carries; 0 if there is none.
java_feature() {
  local feature
  feature=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2> /dev/null) || true
  echo "${feature:-0}"
}
