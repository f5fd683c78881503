package dev.freeway.dataplane.sync;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The time since this machine booted, in milliseconds: the clock that all processes of one boot
 * have in common. Nobody sets it, and it goes on while the machine is suspended (CLOCK_BOOTTIME).
 */
public interface BootClock {
  /** This machine's, to a hundredth of a second. */
  BootClock SYSTEM =
      () -> {
        Path uptime = Path.of("/proc/uptime");
        try {
          return parse(Files.readString(uptime));
        } catch (IOException e) {
          throw new StateException("read", uptime, e);
        }
      };

  /**
   * The time now.
   *
   * @throws StateException when /proc is not mounted
   */
  long millis();

  /** What /proc/uptime says: seconds since the boot, and seconds that processors were idle. */
  static long parse(String uptime) {
    return Math.round(1000 * Double.parseDouble(uptime.substring(0, uptime.indexOf(' '))));
  }
}
