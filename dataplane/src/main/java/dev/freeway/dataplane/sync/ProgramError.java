package dev.freeway.dataplane.sync;

/**
 * A change that the kernel refused.
 *
 * @param what the change, for example {@code add destination 10.1.0.1:80 of tcp 10.0.0.1:80}
 * @param errno the positive error number
 * @param kernelMessage the kernel's own words, or the error's name
 * @param expected what would be right
 */
public record ProgramError(String what, int errno, String kernelMessage, String expected) {}
