package org.attunet.server.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.attunet.server.work.InputException;

/** Detects a file's format from its first bytes; its name and content type don't count. */
final class FileSignature {
    private static final int NIFTI_MAGIC = 344;
    private static final int LENGTH = 352;

    private static final List<Signature> SIGNATURES = List.of(
            new Signature(".nrrd", 'N', 'R', 'R', 'D', '0', '0', '0'),
            new Signature(".nii.gz", 0x1f, 0x8b),
            new Signature(".png", 0x89, 'P', 'N', 'G'),
            new Signature(".jpg", 0xff, 0xd8, 0xff),
            new Signature(".tif", 'I', 'I', 42, 0),
            new Signature(".tif", 'M', 'M', 0, 42),
            new Signature(".tif", 'I', 'I', 43, 0), // BigTIFF
            new Signature(".tif", 'M', 'M', 0, 43),
            new Signature(".bmp", 'B', 'M'));

    private FileSignature() {}

    private record Signature(String suffix, int... magic) {}

    /**
     * Returns the suffix of a file's format.
     *
     * @param in supports marks; its position doesn't change
     * @param name the client's name for the file, for the failure
     * @param labels whether it is a label map, which may be NRRD and can't be a picture
     * @throws InputException if the format is unknown
     */
    static String suffix(InputStream in, String name, boolean labels) throws IOException {
        in.mark(LENGTH);
        byte[] start = in.readNBytes(LENGTH);
        in.reset();
        return SIGNATURES.stream()
                .filter(format -> begins(start, format.magic()))
                .map(Signature::suffix)
                .findFirst()
                .or(() -> hasMagic(start, "n+1", "n+2") ? Optional.of(".nii") : Optional.empty())
                .filter(suffix -> labels ? suffix.startsWith(".n") : !suffix.equals(".nrrd"))
                .orElseThrow(() -> new InputException(
                        InputException.Fault.UNKNOWN_FORMAT,
                        name,
                        found(start, name, labels),
                        labels
                                ? "NIfTI (.nii, .nii.gz) or NRRD (.nrrd)"
                                : "NIfTI (.nii, .nii.gz), PNG, JPEG, TIFF or BMP",
                        labels ? "save the label map in one of these" : "convert the file"));
    }

    private static String found(byte[] start, String name, boolean labels) {
        if (isHalf(start, name)) {
            return "it is half of a .hdr/.img pair";
        }
        return start.length < 4
                ? "it has " + start.length + " bytes"
                : "its first bytes are those of no " + (labels ? "label map" : "image");
    }

    /** Whether it begins like a NIfTI header of version 1 or 2 with these characters. */
    private static boolean hasMagic(byte[] start, String one, String two) {
        return start.length >= NIFTI_MAGIC + 4
                && (new String(start, NIFTI_MAGIC, 3, StandardCharsets.ISO_8859_1).equals(one)
                        || new String(start, 4, 3, StandardCharsets.ISO_8859_1).equals(two));
    }

    /** Whether it is the header of a pair, or by its name the voxels. */
    private static boolean isHalf(byte[] start, String name) {
        return hasMagic(start, "ni1", "ni2") || name.toLowerCase(Locale.ROOT).endsWith(".img");
    }

    private static boolean begins(byte[] start, int... magic) {
        boolean same = start.length >= magic.length;
        for (int k = 0; same && k < magic.length; k++) {
            same = start[k] == (byte) magic[k];
        }
        return same;
    }
}
