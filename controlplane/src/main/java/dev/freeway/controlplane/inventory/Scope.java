package dev.freeway.controlplane.inventory;

/**
 * What one kind of list covers: what was there before and is not in a list that came whole, is
 * gone.
 *
 * @param account twelve digits
 * @param service the catalogue's label, such as {@code ec2}
 * @param region such as {@code eu-west-1}, or {@code global}
 * @param type such as {@code instance}
 */
public record Scope(String account, String service, String region, String type)
    implements Comparable<Scope> {
  /** The region of what is in none. */
  public static final String GLOBAL = "global";

  @Override
  public int compareTo(Scope other) {
    int order = account.compareTo(other.account);
    order = order != 0 ? order : service.compareTo(other.service);
    order = order != 0 ? order : region.compareTo(other.region);
    return order != 0 ? order : type.compareTo(other.type);
  }
}
