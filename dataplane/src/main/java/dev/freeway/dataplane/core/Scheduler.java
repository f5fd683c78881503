package dev.freeway.dataplane.core;

/**
 * A scheduler and its two flags, as ipvsadm names them.
 *
 * @param name the kernel module's name without {@code ip_vs_}: rr, wrr, lc, wlc, lblc, lblcr, dh,
 *     sh, sed, nq, fo, ovf, mh, twos; or whatever a foreign service uses
 * @param fallback {@code sh-fallback} or {@code mh-fallback}: pass over destinations of weight 0
 * @param port {@code sh-port} or {@code mh-port}: hash the source port as well
 */
public record Scheduler(String name, boolean fallback, boolean port) {
  /** The default: consistent between routers, draining possible. */
  public static final Scheduler DEFAULT = new Scheduler("mh", true, true);

  /** For example {@code mh,mh-fallback,mh-port}: what the annotation takes. */
  @Override
  public String toString() {
    return name + (fallback ? "," + name + "-fallback" : "") + (port ? "," + name + "-port" : "");
  }
}
