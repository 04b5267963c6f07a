package org.attunet.server.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.attunet.server.work.InputException;

/** Detects a file's format from its first bytes; its name and content type don't count. */
final class FileSignature {
    /** The suffixes of what holds DICOM. */
    static final String DICOM = ".dcm";

    static final String ZIP = ".zip";

    private static final int NIFTI_MAGIC = 344;
    private static final int DICOM_MAGIC = 128;
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
            new Signature(".bmp", 'B', 'M'),
            new Signature(ZIP, 'P', 'K', 3, 4));

    private FileSignature() {}

    /** What a file may be. */
    enum Kind {
        /** A volume or picture. */
        IMAGE("image", "NIfTI (.nii, .nii.gz), PNG, JPEG, TIFF or BMP", "convert the file"),
        /** The same, or DICOM, or a zip archive, which should hold DICOM. */
        IMAGE_OR_SERIES(
                "image",
                "NIfTI (.nii, .nii.gz), DICOM, a zip of DICOM files, PNG, JPEG, TIFF or BMP",
                "convert the file"),
        /** A label map. */
        LABELS("label map", "NIfTI (.nii, .nii.gz) or NRRD (.nrrd)", "save the label map in one of these");

        private final String word;
        private final String formats;
        private final String remedy;

        Kind(String word, String formats, String remedy) {
            this.word = word;
            this.formats = formats;
            this.remedy = remedy;
        }

        boolean accepts(String suffix) {
            boolean series = suffix.equals(DICOM) || suffix.equals(ZIP);
            return switch (this) {
                case IMAGE -> !series && !suffix.equals(".nrrd");
                case IMAGE_OR_SERIES -> !suffix.equals(".nrrd");
                case LABELS -> suffix.startsWith(".n");
            };
        }
    }

    private record Signature(String suffix, int... magic) {}

    /**
     * Returns the suffix of a file's format.
     *
     * @param in supports marks; its position doesn't change
     * @param name the client's name for the file, for the failure
     * @param kind what it may be
     * @throws InputException if the format is unknown, or of another kind
     */
    static String suffix(InputStream in, String name, Kind kind) throws IOException {
        in.mark(LENGTH);
        byte[] start = in.readNBytes(LENGTH);
        in.reset();
        return SIGNATURES.stream()
                .filter(format -> begins(start, format.magic()))
                .map(Signature::suffix)
                .findFirst()
                .or(() -> hasMagic(start, "n+1", "n+2") ? Optional.of(".nii") : Optional.empty())
                .or(() -> isDicom(start) ? Optional.of(DICOM) : Optional.empty())
                .filter(kind::accepts)
                .orElseThrow(() -> new InputException(
                        InputException.Fault.UNKNOWN_FORMAT,
                        name,
                        found(start, name, kind),
                        kind.formats,
                        kind.remedy));
    }

    /** Whether a file begins like a DICOM file. */
    static boolean isDicom(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return isDicom(in.readNBytes(LENGTH));
        }
    }

    /** Whether it begins like a DICOM file (PS3.10), or, without the preamble, with an element of group 0002 or 0008. */
    private static boolean isDicom(byte[] start) {
        boolean whole = start.length >= DICOM_MAGIC + 4
                && new String(start, DICOM_MAGIC, 4, StandardCharsets.ISO_8859_1).equals("DICM");
        return whole || (start.length > 8 && (start[0] == 2 || start[0] == 8) && start[1] == 0 && start[3] == 0);
    }

    private static String found(byte[] start, String name, Kind kind) {
        if (isHalf(start, name)) {
            return "it is half of a .hdr/.img pair";
        }
        return start.length < 4 ? "it has " + start.length + " bytes" : "its first bytes are those of no " + kind.word;
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
