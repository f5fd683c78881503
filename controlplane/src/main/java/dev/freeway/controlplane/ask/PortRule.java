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
  private static final String WORLD = " and (CidrIpv4 = 0.0.0.0/0 or CidrIpv6 = ::/0)";

  @Override
  public boolean read(Reading reading) throws NotUnderstood {
    Optional<Matcher> found = reading.question.match(reading.at(), PORT);
    if (found.isEmpty() || reading.types().size() != 1 || !reading.isSubjectSeen()) {
      return false;
    }
    List<ResourceType> rule = reading.question.types("security group rule");
    boolean groups = reading.types().equals(reading.question.types("security group"));
    if (!groups && !reading.types().equals(rule)) {
      return false;
    }
    Matcher match = found.get();
    String name = match.group(2);
    boolean world = match.group(3) != null || isOpen(reading);
    int end = reading.at() + Phrases.words(match);
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
    return groups
        ? new Condition.Related(Subject.of(rule), List.of(allows), Expression.Operator.AT_LEAST, 1)
        : allows;
  }
}
