package org.attunet.dicom.data;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * How a file's elements and pixels are encoded.
 *
 * @param uid its identifier (PS3.6, annex A)
 * @param name its name for people
 * @param explicit whether elements state their value representation
 * @param bigEndian the order of bytes
 * @param pixels how pixel data is encoded
 */
public record TransferSyntax(String uid, String name, boolean explicit, boolean bigEndian, Pixels pixels) {
    private static final String ROOT = "1.2.840.10008.1.2";

    /** How pixel data is encoded. */
    public enum Pixels {
        /** As they are. */
        NATIVE,
        /** As they are, in a data set that is deflated as a whole. */
        DEFLATED,
        /** As they are, each frame deflated. */
        DEFLATED_FRAMES,
        RLE,
        /** Baseline, extended or lossless JPEG. */
        JPEG,
        JPEG_LS,
        JPEG_2000,
        /** In a way that attunet doesn't read. */
        OTHER
    }

    /** Implicit VR little endian, the default. */
    public static final TransferSyntax IMPLICIT =
            new TransferSyntax(ROOT, "implicit VR little endian", false, false, Pixels.NATIVE);

    /** Explicit VR little endian. */
    public static final TransferSyntax EXPLICIT = explicit(".1", "explicit VR little endian", Pixels.NATIVE);

    private static final Map<String, TransferSyntax> KNOWN = List.of(
                    IMPLICIT,
                    EXPLICIT,
                    explicit(".1.99", "deflated explicit VR little endian", Pixels.DEFLATED),
                    new TransferSyntax(ROOT + ".2", "explicit VR big endian", true, true, Pixels.NATIVE),
                    explicit(".5", "RLE lossless", Pixels.RLE),
                    explicit(".8.1", "deflated frames", Pixels.DEFLATED_FRAMES),
                    explicit(".4.50", "JPEG baseline", Pixels.JPEG),
                    explicit(".4.51", "JPEG extended, 12 bits", Pixels.JPEG),
                    explicit(".4.53", "JPEG spectral selection", Pixels.JPEG),
                    explicit(".4.55", "JPEG full progression", Pixels.JPEG),
                    explicit(".4.57", "JPEG lossless", Pixels.JPEG),
                    explicit(".4.70", "JPEG lossless, first order", Pixels.JPEG),
                    explicit(".4.80", "JPEG-LS lossless", Pixels.JPEG_LS),
                    explicit(".4.81", "JPEG-LS near lossless", Pixels.JPEG_LS),
                    explicit(".4.90", "JPEG 2000 lossless", Pixels.JPEG_2000),
                    explicit(".4.91", "JPEG 2000", Pixels.JPEG_2000),
                    explicit(".4.100", "MPEG-2 video", Pixels.OTHER),
                    explicit(".4.101", "MPEG-2 video, high level", Pixels.OTHER),
                    explicit(".4.102", "MPEG-4 video", Pixels.OTHER),
                    explicit(".4.103", "MPEG-4 video for Blu-ray", Pixels.OTHER),
                    explicit(".4.107", "HEVC video", Pixels.OTHER),
                    explicit(".4.201", "High-Throughput JPEG 2000 lossless", Pixels.OTHER),
                    explicit(".4.202", "High-Throughput JPEG 2000 lossless, by resolution", Pixels.OTHER),
                    explicit(".4.203", "High-Throughput JPEG 2000", Pixels.OTHER))
            .stream()
            .collect(Collectors.toUnmodifiableMap(TransferSyntax::uid, Function.identity()));

    /** Returns the syntax of an identifier; one of an unknown encoding if it isn't known. */
    static TransferSyntax of(String uid) {
        TransferSyntax known = KNOWN.get(uid);
        return known != null ? known : new TransferSyntax(uid, "transfer syntax " + uid, true, false, Pixels.OTHER);
    }

    /** The same encoding of elements that state their representation or don't, as a file turns out to be. */
    TransferSyntax withExplicit(boolean found) {
        if (found == explicit) {
            return this;
        }
        return equals(IMPLICIT) ? EXPLICIT : new TransferSyntax(uid, name, found, bigEndian, pixels);
    }

    private static TransferSyntax explicit(String suffix, String name, Pixels pixels) {
        return new TransferSyntax(ROOT + suffix, name, true, false, pixels);
    }
}
