# shellcheck shell=bash
# deploy/lab test: the data plane's tests tagged "kernel", in the guest, from classes built outside. Sourced by deploy/lab.

# shellcheck source=deploy/lab.d/java.sh
. "$lab_d/java.sh"
# shellcheck source=deploy/lab.d/reports.sh
. "$lab_d/reports.sh"

run_tests() {
  local selected=()
  while [ $# -gt 0 ]; do # --select is ours, the rest is everyone's
    case $1 in
      --select)
        [ $# -ge 2 ] || usage "--select needs a class, a package or CLASS#METHOD"
        selected+=("$2")
        shift 2
        ;;
      *)
        arguments+=("$1")
        shift
        ;;
    esac
  done
  limit=2400 # several times what they take on one emulated processor
  options "${arguments[@]}"
  [ ${#arguments[@]} = 0 ] || usage "test does not take ${arguments[0]}"

  find_java || exit 125
  local target=${LAB_MODULE:-$repository/dataplane}/target
  local build="mvn -B package -DskipTests"
  { [ -d "$target/test-classes" ] && compgen -G "$target/test-lib/junit-platform-console-*.jar" > /dev/null; } \
    || fail "the tests are not built: JAVA_HOME=$JAVA_HOME $build"
  local selectors=()
  if [ ${#selected[@]} = 0 ]; then
    selectors=("--scan-class-path=$target/test-classes")
  else
    local name
    for name in "${selected[@]}"; do selectors+=("$(selector "$target/test-classes" "$name")"); done
  fi

  # Tests start the program too: its cache of loaded classes is recorded outside, where that takes seconds.
  [ ! -f "$target/freeway-dataplane.jar" ] || warm_launcher "$repository"
  prepare
  local out=$share
  {
    printf '. %q\n' "$lab_d/guest-test.sh"
    printf 'guest_test %q' "$target"
    printf ' %q' "${selectors[@]}"
    echo
  } > "$run_directory/command"
  local status=0 started=$SECONDS
  boot "$kernel" "$limit" "$out" || status=$?

  local version=$kernel file reports=() written=$target/surefire-reports
  [ ! -s "$out/version" ] || version=$(< "$out/version")
  mkdir -p "$written"
  rm -f "$written/TEST-kernel-$kernel-"*.xml "$written/kernel-$kernel-console.txt"
  [ ! -f "$out/console.txt" ] || cp "$out/console.txt" "$written/kernel-$kernel-console.txt"
  for file in "$out"/reports/TEST-*.xml; do
    [ -f "$file" ] && grep -q '<testcase ' "$file" || continue # an engine that found none of its own
    # The same tests run on several kernels: the suite says on which.
    sed "s/\(<testsuite name=\"[^\"]*\)\"/\1 on Linux $version\"/" "$file" \
      > "$written/TEST-kernel-$kernel-${file##*/TEST-}"
    reports+=("$written/TEST-kernel-$kernel-${file##*/TEST-}")
  done

  local passed failed skipped reason=''
  read -r passed failed skipped < <(count_reports "${reports[@]}")
  list_reports failed "${reports[@]}"
  list_reports skipped "${reports[@]}"
  # Whatever keeps the tests from being counted is itself a failure, in the reports as well.
  if [ "$status" = 124 ]; then
    reason="the time limit of $limit s was reached"
  elif [ "$status" = 125 ]; then
    reason="the guest ended without an answer"
  elif [ ${#reports[@]} = 0 ]; then
    reason="no test ran (exit code $status)"
  elif [ "$status" != 0 ] && [ "$failed" = 0 ]; then
    reason="the test run failed with exit code $status outside any test"
  fi
  if [ -n "$reason" ]; then
    failed=$((failed + 1))
    write_failure "lab on Linux $version" deploy/lab "$reason" > "$written/TEST-kernel-$kernel-lab.xml"
    echo "failed: deploy/lab test --kernel $kernel: $reason"
    [ ! -f "$out/console.txt" ] || tail -n 30 "$out/console.txt"
  fi
  echo "kernel $version: $passed passed, $failed failed, $skipped skipped in $((SECONDS - started)) s"
  [ "$failed" = 0 ]
}

# What --select was given, as an option of JUnit's console: a class by its full or simple name, a package, CLASS#METHOD.
selector() {
  local classes=$1 name=$2 class method='' found
  class=${name%%#*}
  [ "$class" = "$name" ] || method=${name#*#}
  if [ -z "$method" ] && [ -d "$classes/${class//.//}" ]; then
    echo "--select-package=$class"
    return
  fi
  if [ ! -f "$classes/${class//.//}.class" ]; then
    found=$(cd "$classes" && find . -name "$class.class" | sed 's|^\./||; s|\.class$||; s|/|.|g')
    [ -n "$found" ] || fail "--select $name: no such class or package in $classes"
    [ "$(wc -l <<< "$found")" = 1 ] || fail "--select $name is ambiguous: ${found//$'\n'/, }"
    class=$found
  fi
  if [ -n "$method" ]; then echo "--select-method=$class#$method"; else echo "--select-class=$class"; fi
}
