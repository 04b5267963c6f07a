package org.attunet.spark.segment;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.attunet.spark.storage.Storage;

/**
 * What is broadcast to the executors, once.
 *
 * @param models one, or several that vote
 */
public record ModelsAndSettings(List<ModelFiles> models, SegmentSettings settings) implements Serializable {
    /**
     * Reads models.
     *
     * @param addresses of bundles
     */
    public static ModelsAndSettings read(Storage storage, List<String> addresses, SegmentSettings settings) {
        List<ModelFiles> files = new ArrayList<>();
        addresses.forEach(address -> files.add(ModelFiles.read(storage, address)));
        return new ModelsAndSettings(List.copyOf(files), settings);
    }
}
