package dev.freeway.controlplane.diff;

import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * One value that is another.
 *
 * @param path in the document, such as {@code
 *     BlockDeviceMappings[DeviceName=/dev/xvda].Ebs.VolumeId}; of a tag {@code tag:KEY}
 * @param before empty when it was not there
 * @param after empty when it is not there
 */
public record FieldChange(String path, Optional<JsonNode> before, Optional<JsonNode> after) {}
