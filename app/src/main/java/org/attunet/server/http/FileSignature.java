package org.attunet.server.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.attunet.server.work.InputException;

/** What a file is by its first bytes; what its name and its content type say is not asked. */
final class FileSignature {
    private static final int NIFTI_MAGIC = 344;
    private static final int LOOK = 352;

    private FileSignature() {}

    /**
     * The suffix of the format that a stream begins with, which stays where it is.
     *
     * @param in supports marks
     * @param name what the client calls the file, for the failure
     * @throws InputException where it is no image that is known
     */
    static String suffix(InputStream in, String name) throws IOException {
        in.mark(LOOK);
        byte[] start = in.readNBytes(LOOK);
        in.reset();
        String suffix = suffix(start);
        if (suffix.isEmpty()) {
            throw new InputException(
                    InputException.Fault.UNKNOWN_FORMAT,
                    name,
                    start.length < 4 ? "it has " + start.length + " bytes" : "its first bytes are those of no image",
                    "NIfTI (.nii, .nii.gz), PNG, JPEG, TIFF or BMP",
                    "convert the file");
        }
        return suffix;
    }

    /**
     * The same for a label map, which may come as NRRD and never as a picture.
     *
     * @throws InputException where it is neither NIfTI nor NRRD
     */
    static String labelSuffix(InputStream in, String name) throws IOException {
        in.mark(LOOK);
        byte[] start = in.readNBytes(LOOK);
        in.reset();
        String suffix = begins(start, 'N', 'R', 'R', 'D', '0', '0', '0') ? ".nrrd" : suffix(start);
        if (suffix.equals(".nrrd") || suffix.startsWith(".nii")) {
            return suffix;
        }
        throw new InputException(
                InputException.Fault.UNKNOWN_FORMAT,
                name,
                start.length < 4 ? "it has " + start.length + " bytes" : "its first bytes are those of no label map",
                "NIfTI (.nii, .nii.gz) or NRRD (.nrrd)",
                "save the label map in one of these");
    }

    private static String suffix(byte[] start) {
        if (begins(start, 0x1f, 0x8b)) {
            return ".nii.gz";
        }
        if (begins(start, 0x89, 'P', 'N', 'G')) {
            return ".png";
        }
        if (begins(start, 0xff, 0xd8, 0xff)) {
            return ".jpg";
        }
        if (begins(start, 'I', 'I', 42, 0) || begins(start, 'M', 'M', 0, 42)) {
            return ".tif";
        }
        if (begins(start, 'B', 'M')) {
            return ".bmp";
        }
        return isNifti(start) ? ".nii" : "";
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
        byte[] wanted = new byte[magic.length];
        for (int k = 0; k < magic.length; k++) {
            wanted[k] = (byte) magic[k];
        }
        return start.length >= wanted.length && Arrays.equals(start, 0, wanted.length, wanted, 0, wanted.length);
    }
}
