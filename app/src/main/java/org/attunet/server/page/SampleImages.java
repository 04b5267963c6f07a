package org.attunet.server.page;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.attunet.io.Images;
import org.attunet.phantom.AbdomenPhantom;

/** The images that the viewer offers for a first look: all synthetic, made when they are asked for first. */
final class SampleImages {
    private static final int ABDOMEN_SEED = 11;
    private static final int ABDOMEN_SIZE = 256;

    private final Map<String, byte[]> made = new ConcurrentHashMap<>();

    private final List<Sample> all = List.of(
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
                    "Synthetic: bright blobs on a dark ground, as nuclei look in fluorescence microscopy. No specimen.",
                    2,
                    List.of("foreground", "nucleus", "nuclei"),
                    NucleiPhantom::image),
            new Sample(
                    "abdomen",
                    "synthetic_abdomen.nii.gz",
                    "Abdomen CT",
                    "Synthetic: an axial slice in Hounsfield units with a small pancreas, as 'attunet demo' trains on."
                            + " No patient.",
                    2,
                    List.of("pancreas"),
                    () -> AbdomenPhantom.of(ABDOMEN_SEED, ABDOMEN_SIZE).image()));

    List<Sample> all() {
        return all;
    }

    Optional<Sample> named(String name) {
        return all.stream().filter(sample -> sample.name().equals(name)).findFirst();
    }

    /** The file's bytes, not a copy. */
    byte[] content(Sample sample) {
        return made.computeIfAbsent(sample.name(), name -> make(sample));
    }

    private static byte[] make(Sample sample) {
        try {
            Path folder = Files.createTempDirectory("attunet-sample");
            Path file = folder.resolve(sample.file());
            try {
                Images.write(sample.image().get(), file);
                return Files.readAllBytes(file);
            } finally {
                Files.deleteIfExists(file);
                Files.deleteIfExists(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
