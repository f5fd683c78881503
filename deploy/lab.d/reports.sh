# shellcheck shell=bash
# Reads and writes test reports of the Surefire kind: one <testsuite> with its counts, <testcase> elements within. Sourced.

# Prints "PASSED FAILED SKIPPED", the sums over the report files named; "0 0 0" for none.
count_reports() {
  [ $# -gt 0 ] || { echo "0 0 0"; return; }
  awk '
    function attribute(name) { return match($0, " " name "=\"[0-9]+\"") ? substr($0, RSTART + length(name) + 3) + 0 : 0 }
    /<testsuite[ >]/ { suite = 1 }
    suite { # the attributes may be spread over several lines
      tests += attribute("tests"); failed += attribute("failures") + attribute("errors"); skipped += attribute("skipped")
      if (/>/) suite = 0
    }
    END { printf "%d %d %d\n", tests - failed - skipped, failed, skipped }' "$@"
}

# list_reports failed|skipped FILE...: prints each such test with its message, one a line.
list_reports() {
  local kind=$1
  shift
  [ $# -gt 0 ] || return 0
  awk -v kind="$kind" '
    function value(name) { return match($0, " " name "=\"[^\"]*\"") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : "" }
    function plain(s) {
      gsub(/&#(10|xa|xA);/, " ", s); gsub(/&quot;/, "\"", s); gsub(/&apos;|&#39;/, "\047", s)
      gsub(/&lt;/, "<", s); gsub(/&gt;/, ">", s); gsub(/&amp;/, "\\&", s); gsub(/[ \t]+/, " ", s)
      return substr(s, 1, 400)
    }
    /<testsuite[ >]/ { kernel = match($0, /on Linux [^"]*"/) ? " (" substr($0, RSTART + 3, RLENGTH - 4) ")" : "" }
    /<testcase[ >]/ { test = value("classname") "." value("name") }
    (kind == "failed" && /<(failure|error)[ >]/) || (kind == "skipped" && /<skipped[ \/>]/) {
      line = $0; sub(/.*<(failure|error|skipped)/, "", line)
      message = match(line, / message="[^"]*"/) ? substr(line, RSTART + 10, RLENGTH - 11) : ""
      if (message == "" && match(line, /<!\[CDATA\[.*/)) { message = substr(line, RSTART + 9); sub(/\]\]>.*/, "", message) }
      if (message == "" && match(line, / type="[^"]*"/)) message = substr(line, RSTART + 7, RLENGTH - 8)
      print kind ": " plain(test) plain(kernel) ": " plain(message == "" ? "no reason given" : message)
    }' "$@"
}

# write_failure SUITE CLASSNAME MESSAGE: a report, on stdout, of what kept tests from being counted.
write_failure() {
  printf '<testsuite name="%s" tests="1" failures="1" errors="0" skipped="0">\n<testcase name="run" classname="%s">\n<failure message="%s"/>\n</testcase>\n</testsuite>\n' "$@"
}
