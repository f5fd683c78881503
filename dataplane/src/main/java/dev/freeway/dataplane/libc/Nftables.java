package dev.freeway.dataplane.libc;

import java.util.Optional;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import jnr.ffi.annotations.In;

/**
 * libnftables: what the program {@code nft} is made of. It speaks to the network namespace that the
 * calling thread is in.
 */
public final class Nftables {
  private static final int STATELESS = 1 << 1; // NFT_CTX_OUTPUT_STATELESS

  private final Library library;

  private Nftables(Library library) {
    this.library = library;
  }

  /** Public for the class that jnr-ffi generates in a loader of its own. */
  @SuppressWarnings("MemberName") // the library's names
  public interface Library {
    Pointer nft_ctx_new(int flags);

    void nft_ctx_free(Pointer context);

    void nft_ctx_output_set_flags(Pointer context, int flags);

    int nft_ctx_buffer_output(Pointer context);

    int nft_ctx_buffer_error(Pointer context);

    String nft_ctx_get_output_buffer(Pointer context);

    String nft_ctx_get_error_buffer(Pointer context);

    int nft_run_cmd_from_buffer(Pointer context, @In String commands);
  }

  /**
   * What came of commands.
   *
   * @param done whether all were carried out; else none was
   * @param output what they print
   * @param error what was wrong
   */
  public record Answer(boolean done, String output, String error) {}

  /** Loads the library; empty when it is not installed. */
  public static Optional<Nftables> load() {
    try {
      return Optional.of(
          new Nftables(LibraryLoader.create(Library.class).load("libnftables.so.1")));
    } catch (LinkageError e) {
      return Optional.empty();
    }
  }

  /**
   * Carries out commands as one transaction. The kernel must have netfilter's netlink: without,
   * some versions of the library end the process.
   */
  public Answer run(String commands) {
    Pointer context = library.nft_ctx_new(0);
    if (context == null) {
      return new Answer(false, "", "out of memory");
    }
    try {
      library.nft_ctx_output_set_flags(context, STATELESS);
      library.nft_ctx_buffer_output(context);
      library.nft_ctx_buffer_error(context);
      int code = library.nft_run_cmd_from_buffer(context, commands);
      return new Answer(
          code == 0,
          library.nft_ctx_get_output_buffer(context),
          library.nft_ctx_get_error_buffer(context).strip());
    } finally {
      library.nft_ctx_free(context);
    }
  }
}
