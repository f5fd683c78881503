package dev.freeway.controlplane;

import dev.freeway.controlplane.accounts.RoleArn;
import dev.freeway.controlplane.collect.Session;
import dev.freeway.controlplane.output.Printable;
import java.util.Optional;

/**
 * An account that is to be scanned.
 *
 * @param id twelve digits; empty where only AWS can say whose the credentials are
 * @param name of the account or the profile; may be empty
 * @param session whose credentials
 * @param role that is assumed by them; empty when they are the account's own
 */
record Target(Optional<String> id, String name, Session session, Optional<RoleArn> role) {

  /** For people. */
  String label() {
    String profile = name.isEmpty() ? "the environment's credentials" : "profile " + name;
    return id.map(known -> known + (name.isEmpty() ? "" : " (" + Printable.of(name) + ")"))
        .orElse(Printable.of(profile));
  }

  /** By what it is seen. */
  String by() {
    return role.map(RoleArn::toString).orElse("its own credentials");
  }
}
