package org.attunet.server.page;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.attunet.image.Image;
import org.attunet.io.Images;
import org.attunet.io.Json;
import org.attunet.phantom.AbdomenPhantom;
import org.attunet.server.work.WorkFolder;

/** The synthetic images that the viewer offers for a first look, generated when they are first requested. */
final class SampleImages {
    private static final int ABDOMEN_SEED = 11;
    private static final int ABDOMEN_SIZE = 256;

    private static final List<Sample> ALL = List.of(
            new Sample(
                    "hippocampus",
                    "synthetic_hippocampus.nii.gz",
                    "Brain MR",
                    "Synthetic: a small T1-like volume around a tube with a thick head, drawn by a formula. No"
                            + " patient.",
                    3,
                    List.of("Anterior", "Posterior", "hippocampus"),
                    HippocampusPhantom::image),
            new Sample(
                    "nuclei",
                    "synthetic_nuclei.png",
                    "Nuclei",
                    "Synthetic: bright blobs on a dark background, like nuclei in fluorescence microscopy. No"
                            + " specimen.",
                    2,
                    List.of("foreground", "nucleus", "nuclei"),
                    NucleiPhantom::image),
            new Sample(
                    "abdomen",
                    "synthetic_abdomen.nii.gz",
                    "Abdomen CT",
                    "Synthetic: an axial slice in Hounsfield units with a small pancreas, like the training images of"
                            + " 'attunet demo'. No patient.",
                    2,
                    List.of("pancreas"),
                    () -> AbdomenPhantom.of(ABDOMEN_SEED, ABDOMEN_SIZE).image()));

    private final Map<String, byte[]> contents = new ConcurrentHashMap<>();

    /**
     * A sample image.
     *
     * @param name in addresses
     * @param file the name of the file, whose suffix decides the format
     * @param dimension 2 or 3
     * @param shows names of labels, one of which a model needs to find something in the image
     * @param image generates it, the same each time
     */
    record Sample(
            String name,
            String file,
            String title,
            String note,
            int dimension,
            List<String> shows,
            Supplier<Image> image) {
        /** Returns the entry in {@code GET /samples}. */
        ObjectNode json() {
            ObjectNode json = Json.object().put("name", name).put("title", title);
            json.put("note", note).put("dimension", dimension);
            shows.forEach(json.putArray("shows")::add);
            return json.put("file", file).put("href", "/samples/" + name);
        }
    }

    List<Sample> all() {
        return ALL;
    }

    Optional<Sample> named(String name) {
        return ALL.stream().filter(sample -> sample.name().equals(name)).findFirst();
    }

    /** Returns the bytes of the file, not a copy. */
    byte[] content(Sample sample) {
        return contents.computeIfAbsent(sample.name(), name -> {
            try {
                Path folder = Files.createTempDirectory("attunet-sample");
                try {
                    Path file = folder.resolve(sample.file());
                    Images.write(sample.image().get(), file);
                    return Files.readAllBytes(file);
                } finally {
                    WorkFolder.delete(folder);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
