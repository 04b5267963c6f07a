package org.attunet.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/** Formats that aren't read, recognised by a file's first bytes or by its suffix, each with the way out. */
enum ForeignFormat {
    DICOM(
            "DICOM",
            "convert the series to NIfTI, for instance by dcm2niix -z y FOLDER",
            "128:4449434d",
            ".dcm .ima .dicom"),
    PAIR(
            "half of a .hdr/.img pair",
            "put .hdr and .img into one folder, or convert them to .nii.gz",
            "0:5c010000 0:0000015c",
            ".img .img.gz"),
    MGH("FreeSurfer's MGH", "convert it by mri_convert IN.mgz OUT.nii.gz", "0:00000001", ".mgz .mgh"),
    NRRD("NRRD", "save it as .nii.gz, for instance with 3D Slicer", "0:4e525244", ".nrrd .nhdr"),
    META_IMAGE(
            "MetaImage",
            "save it as .nii.gz, for instance with 3D Slicer or SimpleITK",
            "0:4f626a65637454797065",
            ".mha .mhd"),
    MINC("MINC", "convert it by mnc2nii", "0:43444601 0:43444602", ".mnc"),
    HDF5("HDF5", "save its arrays as NIfTI or TIFF", "0:894844460d0a1a0a", ".h5 .hdf5 .hdf .ims"),
    NUMPY("NumPy", "save it as NIfTI by nibabel or as TIFF by tifffile", "0:934e554d5059", ".npy .npz"),
    MATLAB("MATLAB", "save its arrays as NIfTI or TIFF", "0:4d41544c4142", ".mat"),
    CZI("Zeiss CZI", Way.FIJI, "0:5a495352415746494c45", ".czi .lsm .zvi"),
    LIF("Leica LIF", Way.FIJI, "0:70000000", ".lif .lof .xlef"),
    ND2("Nikon ND2", Way.FIJI, "0:dacebe0a", ".nd2"),
    OLYMPUS("Olympus", Way.FIJI, "0:d0cf11e0", ".oib .oif .oir .vsi"),
    SLIDE(
            "a whole slide",
            "save the regions that are meant as TIFF or PNG, for instance with QuPath",
            "",
            ".svs .ndpi .scn .mrxs .bif .dzi"),
    GIF("GIF", Way.PNG, "0:47494638", ".gif"),
    WEBP("WebP", Way.PNG, "8:57454250", ".webp"),
    HEIC("HEIC or AVIF", Way.PNG, "4:66747970", ".heic .heif .avif"),
    JPEG_2000("JPEG 2000", Way.PNG, "0:0000000c6a502020 0:ff4fff51", ".jp2 .j2k .jpx"),
    JPEG_XL("JPEG XL", Way.PNG, "0:0000000c4a584c20 0:ff0a", ".jxl"),
    PHOTOSHOP("Photoshop", Way.PNG, "0:38425053", ".psd"),
    OPEN_EXR("OpenEXR", "save it as TIFF of 32-bit floating-point numbers", "0:762f3101", ".exr"),
    FITS("FITS", "save it as TIFF, for instance with ImageJ", "0:53494d504c4520", ".fits .fit"),
    PORTABLE("a portable pixmap", Way.PNG, "0:50350a 0:50360a 0:50320a 0:50330a", ".pgm .ppm .pbm .pnm"),
    PDF("PDF", "save its pictures as PNG or TIFF", "0:25504446", ".pdf"),
    WEB_PAGE(
            "a web page",
            "download the file again; the server sent a page in its place",
            "0:3c21444f4354595045 0:3c68746d6c",
            ".html"),
    GIT_LFS(
            "a pointer of Git LFS",
            "fetch the file itself by git lfs pull",
            "0:76657273696f6e2068747470733a2f2f6769742d6c6673",
            ""),
    ZIP("a ZIP archive", "unpack it", "0:504b0304", ".zip"),
    GZIP("compressed by gzip", "unpack it, or name it .nii.gz if it is NIfTI", "0:1f8b", ".gz");

    private static final class Way {
        private static final String FIJI = "save it as TIFF with Fiji (Bio-Formats)";
        private static final String PNG = "convert it to PNG";
    }

    private static final int LONGEST = 160;

    private final String title;
    private final String remedy;

    /** Such as {@code 128:4449434d}: at byte 128, bytes in hexadecimal. */
    @SuppressWarnings("ImmutableEnumChecker") // List.of is immutable
    private final List<String> signatures;

    @SuppressWarnings("ImmutableEnumChecker")
    private final List<String> suffixes;

    ForeignFormat(String title, String remedy, String signatures, String suffixes) {
        this.title = title;
        this.remedy = remedy;
        this.signatures = List.of(signatures.split(" "));
        this.suffixes = List.of(suffixes.split(" "));
    }

    /** The format of a file, by its content or else by its suffix; null if it is none of these. */
    static @Nullable ForeignFormat of(Path file) throws IOException {
        byte[] start;
        try (InputStream in = Files.newInputStream(file)) {
            start = in.readNBytes(LONGEST);
        }
        ForeignFormat content = byContent(start);
        ForeignFormat name = bySuffix(file);
        // Of a compressed file the suffix says more, and of numbers that begin many files.
        boolean vague = content == null || content == GZIP || content == MGH || content == LIF || content == ZIP;
        return vague && name != null ? name : content == MGH || content == LIF ? null : content;
    }

    private static @Nullable ForeignFormat byContent(byte[] start) {
        String hex = HexFormat.of().formatHex(start);
        return Arrays.stream(values())
                .filter(format -> format.signatures.stream().anyMatch(signature -> matches(hex, signature)))
                .findFirst()
                .orElse(null);
    }

    private static boolean matches(String hex, String signature) {
        int colon = signature.indexOf(':');
        return colon > 0
                && hex.startsWith(signature.substring(colon + 1), 2 * Integer.parseInt(signature.substring(0, colon)));
    }

    private static @Nullable ForeignFormat bySuffix(Path file) {
        String suffix = Images.suffix(file);
        return Arrays.stream(values())
                .filter(format -> !suffix.isEmpty() && format.suffixes.contains(suffix))
                .findFirst()
                .orElse(null);
    }

    /** The failure for a file of this format. */
    AttunetException refusal(Path file) {
        if (this == DICOM
                && SeriesFiles.FORMAT != null) { // which reads what is DICOM by content, unless it is called otherwise
            boolean called = bySuffix(file) == DICOM;
            return new AttunetException(
                    file,
                    called ? "it is called DICOM but doesn't begin like it" : "it is DICOM, called otherwise",
                    called ? "a DICOM file" : "a name that suits the content",
                    called ? "copy or export the file again" : "rename it to .dcm");
        }
        return new AttunetException(file, "it is " + title, Images.READ_FORMATS, remedy);
    }

    private String hint() {
        return this == DICOM && SeriesFiles.FORMAT != null ? "by its name, but doesn't begin like it" : remedy;
    }

    /**
     * Counts the files of these formats directly in a folder, such as {@code 12 files of DICOM}; empty if there are none.
     * Files without a suffix are recognised by content.
     */
    static String in(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            Map<ForeignFormat, Long> counts = files.filter(file -> Files.isRegularFile(file) && !Images.isImage(file))
                    .map(ForeignFormat::listed)
                    .flatMap(Stream::ofNullable)
                    .collect(Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()));
            return counts.entrySet().stream()
                    .map(one -> one.getValue() + (one.getValue() == 1 ? " file" : " files") + " that "
                            + (one.getValue() == 1 ? "is " : "are ") + one.getKey().title + " ("
                            + one.getKey().hint()
                            + ")")
                    .collect(Collectors.joining(", "));
        } catch (IOException | UncheckedIOException e) {
            return "";
        }
    }

    private static @Nullable ForeignFormat listed(Path file) {
        try {
            return Images.suffix(file).isEmpty() ? of(file) : bySuffix(file);
        } catch (IOException e) {
            return null;
        }
    }
}
