package dev.freeway.controlplane.catalog;

import tools.jackson.dataformat.yaml.YAMLMapper;

/** Reads what a test writes as a file of the catalogue. */
public final class CatalogFiles {
  private CatalogFiles() {}

  /** A service. */
  public static CatalogService read(String text) {
    return read("test.yaml", text);
  }

  /** A service as a file of the catalogue says it. */
  static CatalogService read(String file, String text) {
    return CatalogReader.read(file, new YAMLMapper().readTree(text));
  }
}
