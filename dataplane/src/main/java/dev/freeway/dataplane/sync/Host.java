package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.HostChange;
import dev.freeway.dataplane.core.HostNeeds;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.SourceRanges;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;

/**
 * The machine around the kernel's table: addresses, sysctls, modules, source NAT. Called by the
 * thread that writes to the table. Nothing is thrown: what fails is an error in the report, for the
 * table is programmed all the same, but for what needs source NAT where there is none.
 */
public interface Host extends ConnectionKeeping, AutoCloseable {
  /**
   * What was found or done.
   *
   * @param changes that are pending, or were made
   * @param errors what failed, or is needed and may not be changed
   * @param notes what was left as it is and why, and what else was seen, in plain words
   * @param sourceNat why source NAT does not work, where a service needs it
   * @param sourceRanges why clients cannot be turned away, where a service needs it
   */
  record Report(
      List<HostChange> changes,
      List<ProgramError> errors,
      List<String> notes,
      Optional<ProgramError> sourceNat,
      Optional<ProgramError> sourceRanges) {
    /** Nothing to say. */
    public static final Report NOTHING = new Report(List.of(), List.of(), List.of());

    /** Where neither source NAT nor source ranges are in the way. */
    public Report(List<HostChange> changes, List<ProgramError> errors, List<String> notes) {
      this(changes, errors, notes, Optional.empty(), Optional.empty());
    }

    public Report {
      changes = List.copyOf(changes);
      errors = List.copyOf(errors);
      notes = List.copyOf(notes);
    }
  }

  /** A machine that somebody else prepares. */
  Host NONE =
      new Host() {
        @Override
        public Report pending(HostNeeds needs) {
          return Report.NOTHING;
        }

        @Override
        public Report prepare(HostNeeds needs) {
          return Report.NOTHING;
        }

        @Override
        public Report settle(HostNeeds needs) {
          return Report.NOTHING;
        }

        @Override
        public Report restore() {
          return Report.NOTHING;
        }

        @Override
        public boolean whileKept(Runnable batch) {
          return false;
        }
      };

  /**
   * What has to be changed, each with its reason and the command that does it; changes nothing. Of
   * what will fail it says what can be known without trying.
   */
  Report pending(HostNeeds needs);

  /**
   * Before services are made: makes ready what their first packet needs, and takes nothing away.
   */
  Report prepare(HostNeeds needs);

  /**
   * Loads the modules and sets the sysctls that services need, and does nothing else: for a router
   * that may not do that itself.
   */
  default Report ready(HostNeeds needs) {
    return Report.NOTHING;
  }

  /**
   * After services were made and deleted: the rest. An address becomes local only when its service
   * is there, else the machine's own stack would answer clients with a reset.
   */
  Report settle(HostNeeds needs);

  /**
   * Puts back the sysctls that we set and takes away what we added, and nothing else. The table of
   * IPVS is not touched. A second call finds nothing to do, and says so.
   */
  Report restore();

  /** The services whose clients' addresses are rewritten now, by our record. */
  default Set<ServiceKey> sourceNat() {
    return Set.of();
  }

  /** The services that take only some clients' packets now, by our record. */
  default SortedMap<ServiceKey, SourceRanges> sourceRanges() {
    return Collections.emptySortedMap();
  }

  /** The addresses that this machine answers for now because we put them on a link, by its name. */
  default SortedMap<IpAddress, String> answered() {
    return Collections.emptySortedMap();
  }

  /** Whether one router answers for an address and others are silent here now, by our record. */
  default boolean layer2() {
    return false;
  }

  /** Who answers for addresses, as of the last {@link #settle}. */
  default Announced announced() {
    return Announced.NONE;
  }

  /** When {@link #tick} is due, in nanoseconds of {@link System#nanoTime}; empty for never. */
  default OptionalLong nextDeadline() {
    return OptionalLong.empty();
  }

  /**
   * Tells neighbours again who answers, and hears who else does; does not wait for anybody.
   *
   * @return whether {@link #settle} would now do something else than before
   */
  default boolean tick() {
    return false;
  }

  @Override
  default void close() {}
}
