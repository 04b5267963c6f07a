package org.attunet.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/** The picture formats, recognised by a file's first bytes. */
enum RasterFormat {
    PNG("89504e470d0a1a0a"),
    JPEG("ffd8ff"),
    TIFF("49492a00", "4d4d002a", "49492b00", "4d4d002b"),
    BMP("424d");

    @SuppressWarnings("ImmutableEnumChecker") // List.of is immutable
    private final List<String> signatures;

    RasterFormat(String... signatures) {
        this.signatures = List.of(signatures);
    }

    /** The format of a file, or the failure that names what else it is. */
    static RasterFormat of(Path file) throws IOException {
        RasterFormat format = bySignature(file);
        if (format != null) {
            return format;
        }
        if (NiftiHeader.isIn(file)) {
            throw new AttunetException(
                    file,
                    "it is NIfTI, not a picture",
                    "a name that suits the content",
                    "rename it to .nii or .nii.gz");
        }
        String start = start(file);
        ForeignFormat foreign = ForeignFormat.of(file);
        if (foreign != null) {
            throw foreign.refusal(file);
        }
        throw new AttunetException(
                file,
                start.isEmpty() ? "it is empty" : "it starts with the bytes " + start,
                "the signature of PNG, JPEG, TIFF or BMP",
                "convert the file or copy it again");
    }

    /** The format of a file; null if it is no picture. */
    static @Nullable RasterFormat bySignature(Path file) throws IOException {
        String start = start(file);
        for (RasterFormat format : values()) {
            if (format.signatures.stream().anyMatch(start::startsWith)) {
                return format;
            }
        }
        return null;
    }

    private static String start(Path file) throws IOException {
        try (InputStream in = FileInput.open(file)) {
            return HexFormat.of().formatHex(in.readNBytes(8));
        }
    }

    /** A new decoder. */
    ImageReader reader() {
        if (this == TIFF) {
            // The JDK has a TIFF decoder too; which of the two a look-up finds depends on the class path.
            return new com.twelvemonkeys.imageio.plugins.tiff.TIFFImageReaderSpi().createReaderInstance(null);
        }
        Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(name().toLowerCase(Locale.ROOT));
        if (!readers.hasNext()) {
            String found = "this runtime has no decoder for " + this;
            throw new AttunetException("Java", found, "one with java.desktop", "use a full JDK or JRE");
        }
        return readers.next();
    }
}
