package org.attunet.io;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;

/**
 * The files of a NIfTI image: one that holds everything, or a header {@code .hdr} with its voxels in {@code .img} beside it,
 * each compressed or not, which is named by either.
 *
 * @param header of a single file, the file itself
 * @param voxels of a single file, the file itself
 */
record NiftiFiles(Path header, Path voxels) {
    private static final String HEADER = ".hdr";
    private static final String VOXELS = ".img";

    /** The suffixes of pairs, of the headers first. */
    static final List<String> SUFFIXES = List.of(HEADER, HEADER + ".gz", VOXELS, VOXELS + ".gz");

    /**
     * Finds the files of an image.
     *
     * @throws AttunetException if it is half of a pair without the other half
     */
    static NiftiFiles of(Path file) {
        if (!isHalf(file)) {
            return new NiftiFiles(file, file);
        }
        List<String> names = otherHalves(String.valueOf(file.getFileName()));
        Path other = names.stream()
                .map(file::resolveSibling)
                .filter(Files::isRegularFile)
                .findFirst()
                .orElse(null);
        if (other == null && Files.isRegularFile(file)) {
            throw new AttunetException(
                    file,
                    "it is half of a .hdr/.img pair, without " + names.get(0),
                    "both files in one folder",
                    "put the other one beside it, or convert the pair to .nii.gz");
        }
        Path half = other == null ? file : other; // reading reports that there is no such file
        return isHeader(file) ? new NiftiFiles(file, half) : new NiftiFiles(half, file);
    }

    boolean isPair() {
        return isHalf(header);
    }

    static boolean isHalf(Path file) {
        return SUFFIXES.contains(Images.suffix(file));
    }

    /** Whether a file is the half by which a pair goes in folders. */
    static boolean isHeader(Path file) {
        return Images.suffix(file).startsWith(HEADER);
    }

    /** The names that the other half of a pair may have, the likeliest first; empty if the file is no half of a pair. */
    static List<String> otherHalves(String name) {
        Path file = Path.of(name);
        if (!isHalf(file)) {
            return List.of();
        }
        String suffix = Images.suffix(file);
        String stem = Images.stem(file);
        String lower = suffix.startsWith(HEADER) ? VOXELS : HEADER;
        String upper = lower.toUpperCase(Locale.ROOT);
        boolean capitals = name.startsWith(suffix.substring(1, 4).toUpperCase(Locale.ROOT), stem.length() + 1);
        List<String> plain = capitals ? List.of(upper, lower) : List.of(lower, upper);
        List<String> packed = capitals
                ? List.of(upper + ".GZ", upper + ".gz", lower + ".gz")
                : List.of(lower + ".gz", upper + ".GZ", upper + ".gz");
        boolean compressed = suffix.endsWith(".gz");
        return Stream.of(compressed ? packed : plain, compressed ? plain : packed)
                .flatMap(List::stream)
                .map(ending -> stem + ending)
                .toList();
    }
}
