package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What security groups let in: "port 3389 from anywhere", "SSH open to the world". */
final class PortRule implements Rule {
  private static final Map<String, Integer> PORTS =
      Map.ofEntries(
          Map.entry("ssh", 22),
          Map.entry("rdp", 3389),
          Map.entry("telnet", 23),
          Map.entry("ftp", 21),
          Map.entry("smtp", 25),
          Map.entry("http", 80),
          Map.entry("https", 443),
          Map.entry("mysql", 3306),
          Map.entry("postgres", 5432),
          Map.entry("postgresql", 5432),
          Map.entry("redis", 6379),
          Map.entry("mongodb", 27017));

  private static final Pattern PORT =
      Phrases.of(
          "(?:(?:with|have|has|having|that|which|allow|allows|allowing|expose|exposes|exposing|permit|permits|permitting|open|opens|opening|on) )*"
              + "(?:(?:inbound|ingress) )?(?:ports? (\\d{1,5}(?:(?: or| and| ,)+ \\d{1,5})*)|(ssh|rdp|telnet|ftp|smtp|http|https|mysql|postgres|postgresql|redis|mongodb)(?: (?:access|traffic|port))?)(?: (?:is|are|being))?(?: (?:open|opened|exposed|reachable|allowed|accessible))?"
              + "( (?:(?:from|to) )?(?:(?:the )?(?:whole |entire )?(?:world|internet|public)|anywhere|everywhere|everyone|anyone|0\\.0\\.0\\.0/0))?");
  private static final String SERVICES =
      "ssh|rdp|telnet|ftp|smtp|https|http|mysql|postgresql|postgres|redis|mongodb";
  private static final Pattern OTHER =
      Phrases.of(
          "((?:(?:with|have|has|having|that|which|are|allow|allows|allowing|expose|exposes|exposing|permit|permits|permitting|open|opens|opening|on|at|via|through|over|to|any|all|some|other|anything|everything|something|inbound|ingress|traffic|ports?) )*)"
              + "(?:except(?: for)?|excluding|other than|apart from|aside from|besides|but(?: not)?|not)(?: (?:on|for|at|via|through|over|from|to|the|tcp|ports?))* "
              + "((?:\\d{1,5}|"
              + SERVICES
              + ")(?:(?: or| and| nor| ,)+(?: ports?)? (?:\\d{1,5}|"
              + SERVICES
              + "))*)(?: (?:is|are|being))?(?: (?:open|opened|exposed|reachable|allowed|accessible))?"
              + "( (?:(?:from|to) )?(?:(?:the )?(?:whole |entire )?(?:world|internet|public)|anywhere|everywhere|everyone|anyone|0\\.0\\.0\\.0/0))?");
  private static final Pattern EACH = Pattern.compile("\\d{1,5}|" + SERVICES);
  private static final Pattern ANY = Pattern.compile(".*(?:port|any|all|other).*");
  private static final String WORLD = " and (CidrIpv4 = 0.0.0.0/0 or CidrIpv6 = ::/0)";

  @Override
  public boolean read(Reading reading) throws NotUnderstood {
    Optional<Matcher> other = reading.question.match(reading.at(), OTHER);
    Optional<Matcher> found = reading.question.match(reading.at(), PORT);
    if ((found.isEmpty() && other.isEmpty())
        || reading.types().size() != 1
        || !reading.isSubjectSeen()) {
      return false;
    }
    List<ResourceType> rule = reading.question.types("security group rule");
    boolean groups = reading.types().equals(reading.question.types("security group"));
    if (!groups && !reading.types().equals(rule)) {
      return false;
    }
    if (other.isPresent() && other(reading, other.get(), groups, rule)) {
      return true;
    }
    if (found.isEmpty()) {
      return false;
    }
    Matcher match = found.get();
    String name = match.group(2);
    boolean world = match.group(3) != null || isOpen(reading);
    int end = reading.at() + Phrases.words(match);
    if (reading.question.is(reading.at() - 1, "only", "just") || reading.question.is(end, "only")) {
      throw new NotUnderstood(
          "only", "ask for those with that port open, or with a port other than that");
    }
    if (name != null) {
      reading.add(open(PORTS.getOrDefault(name, 0), world, groups, rule), end);
      return true;
    }
    boolean all = match.group(1).contains("and");
    List<Condition> each =
        Pattern.compile("\\D+")
            .splitAsStream(match.group(1))
            .map(port -> open(Integer.parseInt(port), world, groups, rule))
            .toList();
    if (each.size() > 1 && reading.conditions.isNegated()) {
      throw new NotUnderstood(match.group(1), "one port at a time after a negation");
    }
    if (all || each.size() == 1) {
      each.forEach(one -> reading.add(one, end));
    } else {
      reading.add(new Condition.Any(each), end);
    }
    return true;
  }

  /**
   * "Open to the world except on port 443": what is left out is a rule, and not the group, which
   * may have another.
   */
  private static boolean other(
      Reading reading, Matcher match, boolean groups, List<ResourceType> rule)
      throws NotUnderstood {
    boolean closed = false;
    boolean open = match.group(3) != null;
    for (Condition each : reading.conditions.ofSubject()) {
      closed |= each instanceof Condition.Not(Condition of) && isWorld(of);
      open |= isWorld(each);
    }
    String lead = match.group(1);
    if (closed || reading.conditions.isNegated()) {
      throw new NotUnderstood(
          match.group(2), "a port that is left out of what is not open: say which are open");
    }
    if (!open && !ANY.matcher(lead).matches()) {
      return false;
    }
    List<String> ports =
        EACH.matcher(match.group(2))
            .results()
            .map(
                port -> {
                  Integer known = PORTS.get(port.group());
                  return known == null ? port.group() : known.toString();
                })
            .distinct()
            .toList();
    StringBuilder expression = new StringBuilder("!IsEgress");
    for (String port : ports) {
      expression.append(" and (FromPort != %s or ToPort != %s)".formatted(port, port));
    }
    Condition allows =
        new Condition.Meant(
            new Meanings.Meaning(
                "with something other than "
                    + (ports.size() == 1 ? "port " : "ports ")
                    + Condition.or(ports)
                    + " open"
                    + (open ? " to the world" : ""),
                Map.of(rule.getFirst().key(), Expression.parse(expression + (open ? WORLD : "")))));
    reading.add(ofGroup(allows, groups, rule), reading.at() + Phrases.words(match));
    return true;
  }

  private static boolean isWorld(Condition condition) {
    return condition instanceof Condition.Meant meant
        && (meant.meaning().name().equals("open to the world")
            || meant.meaning().name().equals("public"));
  }

  private static Condition ofGroup(Condition allows, boolean groups, List<ResourceType> rule) {
    return groups
        ? new Condition.Related(Subject.of(rule), List.of(allows), Expression.Operator.AT_LEAST, 1)
        : allows;
  }

  /** "Open to the internet on port 22": the port is what is open. */
  private static boolean isOpen(Reading reading) {
    Question question = reading.question;
    int before = reading.at() - 1;
    while (question.is(before, "on", "at", "for", "via", "through", "over")) {
      before--;
    }
    return question.is(
        before,
        "world",
        "internet",
        "public",
        "anywhere",
        "everyone",
        "anyone",
        "everywhere",
        "0.0.0.0/0");
  }

  private static Condition open(int port, boolean world, boolean groups, List<ResourceType> rule) {
    String expression =
        "!IsEgress and (IpProtocol = -1 or (FromPort <= %d and ToPort >= %d))%s"
            .formatted(port, port, world ? WORLD : "");
    Condition allows =
        new Condition.Meant(
            new Meanings.Meaning(
                "with port " + port + " open" + (world ? " to the world" : ""),
                Map.of(rule.getFirst().key(), Expression.parse(expression))));
    return ofGroup(allows, groups, rule);
  }
}
