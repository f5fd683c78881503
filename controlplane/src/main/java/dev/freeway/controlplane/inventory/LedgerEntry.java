package dev.freeway.controlplane.inventory;

import java.time.Duration;

/**
 * What came of one operation in one account and region during a scan; calls with the same outcome
 * are one entry.
 *
 * @param calls requests that were answered or given up, retries not counted
 * @param pages answers that were taken in
 * @param items resources or parts of them that these held
 * @param retries requests that were sent again
 * @param time from the first request to the last answer, waiting included, summed over calls
 * @param outcome how they ended
 * @param code AWS's own, such as {@code AccessDenied}, or {@code NoCredentials} where there were
 *     none to ask with; empty when it went well or said none
 * @param message AWS's own words, or what went wrong on the way
 */
public record LedgerEntry(
    String account,
    String region,
    String service,
    String operation,
    long calls,
    long pages,
    long items,
    long retries,
    Duration time,
    Outcome outcome,
    String code,
    String message) {

  /** How calls end. */
  public enum Outcome {
    /** Answered in full. */
    OK,
    /** The service is not in this region, or the region is not enabled: nothing can be there. */
    NOT_HERE,
    /** AWS does not let the caller see it. */
    DENIED,
    /** Throttled until the retries were used up. */
    THROTTLED,
    /**
     * Not understood, or broken on AWS's side, as a 5xx; an emulator that does not know it, too.
     */
    FAILED,
    /** No answer: no route, no connection, time out, cut off. */
    UNREACHABLE,
    /** Not asked, because the scan was stopped. */
    STOPPED,
    /** Not asked, because there are more of them than the scan was to ask one by one. */
    SKIPPED;

    /** Whether what is there may have gone unseen. */
    public boolean hides() {
      return this != OK && this != NOT_HERE;
    }
  }
}
