package org.attunet.server.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.attunet.server.work.InputException;

/** Detects a file's format from its first bytes; its name and content type don't count. */
final class FileSignature {
    private static final int NIFTI_MAGIC = 344;
    private static final int LENGTH = 352;

    private static final List<Signature> SIGNATURES = List.of(
            new Signature(".nii.gz", 0x1f, 0x8b),
            new Signature(".png", 0x89, 'P', 'N', 'G'),
            new Signature(".jpg", 0xff, 0xd8, 0xff),
            new Signature(".tif", 'I', 'I', 42, 0),
            new Signature(".tif", 'M', 'M', 0, 42),
            new Signature(".bmp", 'B', 'M'));

    private FileSignature() {}

    /** A format's suffix and its first bytes. */
    private record Signature(String suffix, int... magic) {}

    /**
     * Returns the suffix of an image's format.
     *
     * @param in supports marks; its position doesn't change
     * @param name the client's name for the file, for the failure
     * @throws InputException if the format is unknown
     */
    static String imageSuffix(InputStream in, String name) throws IOException {
        byte[] start = start(in);
        String suffix = suffix(start);
        if (suffix.isEmpty()) {
            throw unknown(name, start, "image", "NIfTI (.nii, .nii.gz), PNG, JPEG, TIFF or BMP", "convert the file");
        }
        return suffix;
    }

    /** Returns the suffix of a label map's format, which may be NRRD and can't be a picture. */
    static String labelSuffix(InputStream in, String name) throws IOException {
        byte[] start = start(in);
        String suffix = begins(start, 'N', 'R', 'R', 'D', '0', '0', '0') ? ".nrrd" : suffix(start);
        if (suffix.equals(".nrrd") || suffix.startsWith(".nii")) {
            return suffix;
        }
        String formats = "NIfTI (.nii, .nii.gz) or NRRD (.nrrd)";
        throw unknown(name, start, "label map", formats, "save the label map in one of these");
    }

    private static byte[] start(InputStream in) throws IOException {
        in.mark(LENGTH);
        byte[] start = in.readNBytes(LENGTH);
        in.reset();
        return start;
    }

    private static InputException unknown(String name, byte[] start, String what, String formats, String remedy) {
        return new InputException(
                InputException.Fault.UNKNOWN_FORMAT,
                name,
                start.length < 4 ? "it has " + start.length + " bytes" : "its first bytes are those of no " + what,
                formats,
                remedy);
    }

    private static String suffix(byte[] start) {
        return SIGNATURES.stream()
                .filter(format -> begins(start, format.magic()))
                .map(Signature::suffix)
                .findFirst()
                .orElse(isNifti(start) ? ".nii" : "");
    }

    private static boolean isNifti(byte[] start) {
        if (start.length < NIFTI_MAGIC + 4) {
            return false;
        }
        String one = new String(start, NIFTI_MAGIC, 3, StandardCharsets.ISO_8859_1);
        String two = new String(start, 4, 3, StandardCharsets.ISO_8859_1);
        return one.equals("n+1") || two.equals("n+2");
    }

    private static boolean begins(byte[] start, int... magic) {
        boolean same = start.length >= magic.length;
        for (int k = 0; same && k < magic.length; k++) {
            same = start[k] == (byte) magic[k];
        }
        return same;
    }
}
