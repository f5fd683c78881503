package dev.freeway.controlplane.catalog;

/** Reads what a test writes as a file of the catalogue. */
public final class CatalogFiles {
  private CatalogFiles() {}

  /** A service. */
  public static CatalogService read(String text) {
    return CatalogReader.read("test.yaml", text);
  }
}
