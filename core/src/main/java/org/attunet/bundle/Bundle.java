package org.attunet.bundle;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.attunet.error.AttunetException;
import org.attunet.io.Npy;
import org.jspecify.annotations.Nullable;

/**
 * A model as a folder or a zip file in the layout of the BioImage Model Zoo, ours or somebody else's.
 *
 * <p>Opening reads {@code rdf.yaml}, and of a bundle of ours sees that exactly the files that it names are there. The
 * content of a file is hashed whenever it is read, and never handed out with a wrong hash; SHA-256 takes a tenth of a
 * second for a model of 125 MB, so that no cheaper check is worth its doubt. {@link #verify} does it for every file.
 *
 * <p>A bundle is not trusted: nothing is extracted, names that lead out of it are refused, and no file is read beyond
 * what its kind may have. Immutable and thread-safe; no file stays open.
 */
public final class Bundle {
    private static final long MOST_MODEL = Integer.MAX_VALUE - 8;
    private static final long MOST_TENSOR = 1L << 30;
    private static final long MOST_TEXT = 4 << 20;

    private final BundleFiles files;
    private final Described described;

    private Bundle(BundleFiles files, Described described) {
        this.files = files;
        this.described = described;
    }

    /** Whether a path looks like a bundle: a folder with {@code rdf.yaml}, or a zip file by its name. */
    public static boolean looksLike(Path path) {
        return Files.isDirectory(path)
                ? Files.isRegularFile(path.resolve(BundleFile.RDF))
                : Files.isRegularFile(path) && BundleWriter.isZip(path);
    }

    /**
     * Opens a bundle.
     *
     * @param folderOrZip where it lies; {@code rdf.yaml} itself stands for its folder
     * @throws AttunetException naming the file, what was found, what was expected and the remedy, where the bundle is
     *     damaged, of an unknown version, or a foreign one that needs what this program can't do
     */
    public static Bundle open(Path folderOrZip) {
        Path parent = folderOrZip.toAbsolutePath().getParent();
        boolean inside = folderOrZip.endsWith(BundleFile.RDF) && parent != null && Files.isRegularFile(folderOrZip);
        BundleFiles files = BundleFiles.open(inside && parent != null ? parent : folderOrZip);
        if (!files.has(BundleFile.RDF)) {
            throw new AttunetException(
                    files.place(),
                    "there is no rdf.yaml in it",
                    "a model's bundle",
                    "give a model, not another archive");
        }
        Rdf rdf = Rdf.parse(files.path(BundleFile.RDF), files.read(BundleFile.RDF, Rdf.MAX_BYTES));
        boolean own = rdf.get("config").get("attunet").present();
        return new Bundle(files, own ? OwnReader.read(rdf, files) : ForeignReader.read(rdf, files));
    }

    /** The folder or zip file. */
    public Path place() {
        return files.place();
    }

    /** Whether attunet wrote the bundle, so that everything about it is known. */
    public boolean own() {
        return described.own();
    }

    /** What the model is. Of a foreign one only {@link ModelDescription#shape} is known, not the layers. */
    public ModelDescription model() {
        return described.model();
    }

    /** What the model does, in its maker's words. */
    public String description() {
        return described.description();
    }

    /** The SPDX identifier of the licence; empty where it isn't told. */
    public String licence() {
        return described.licence();
    }

    /** The model's own version; empty where it isn't told. */
    public String version() {
        return described.version();
    }

    /** What logits are divided by before they become probabilities; 1 where the model isn't calibrated. */
    public double temperature() {
        return described.temperature();
    }

    /** Which predictions are cut down to their largest component; nothing where the bundle doesn't tell. */
    public KeepLargest keepLargest() {
        return described.keepLargest();
    }

    /** How large images are cut. */
    public TilingFacts tiling() {
        return described.tiling();
    }

    /** What users should know, for programs; {@link ModelCard#plain} for a foreign bundle. */
    public ModelCard card() {
        return described.card();
    }

    /** What users should know, as a page in Markdown; empty where there is none. */
    public String page() {
        String page = described.page();
        return page == null ? "" : new String(read(page, MOST_TEXT), StandardCharsets.UTF_8);
    }

    /** Whether the bundle has a model of this precision. */
    public boolean has(Precision precision) {
        return precision == Precision.FP32 || (own() && described.hashes().containsKey(BundleFile.INT8));
    }

    /**
     * The ONNX model, whole and with the hash that the bundle tells.
     *
     * @throws AttunetException where there is none of this precision, or its content is not what the bundle tells
     */
    public byte[] onnx(Precision precision) {
        return read(onnxName(precision), MOST_MODEL);
    }

    /** What messages call the model's file. */
    public Path onnxPath(Precision precision) {
        return files.path(onnxName(precision));
    }

    private String onnxName(Precision precision) {
        if (!has(precision)) {
            throw new AttunetException(
                    place(),
                    "there is no model in 8-bit integers",
                    BundleFile.INT8,
                    "use the model in floating point, or export one with --int8");
        }
        return precision == Precision.INT8 ? BundleFile.INT8 : described.onnx();
    }

    /**
     * The weights as a PyTorch state_dict, whole and with the hash that the bundle tells.
     *
     * @return the bytes of {@code weights.pt}; empty where the bundle is a foreign one or was exported without them
     */
    public Optional<byte[]> weights() {
        return own() && described.hashes().containsKey(BundleFile.WEIGHTS)
                ? Optional.of(read(BundleFile.WEIGHTS, MOST_MODEL))
                : Optional.empty();
    }

    /** The test input and output; empty where a foreign bundle has none. */
    public Optional<TestCase> test() {
        String input = described.testInput();
        String output = described.testOutput();
        return input == null || output == null ? Optional.empty() : Optional.of(new TestCase(npy(input), npy(output)));
    }

    private Npy npy(String name) {
        return Npy.read(files.path(name), read(name, MOST_TENSOR));
    }

    /** The names of the files, and the bytes that each has. */
    public Map<String, Long> files() {
        var sizes = new java.util.TreeMap<String, Long>();
        files.names().forEach(name -> sizes.put(name, files.size(name)));
        return sizes;
    }

    /**
     * Hashes every file that the bundle gives a hash for.
     *
     * @return their names
     * @throws AttunetException naming the first file whose content is not what the bundle tells
     */
    public List<String> verify() {
        List<String> names = described.hashes().entrySet().stream()
                .filter(file -> !file.getValue().isEmpty())
                .map(Map.Entry::getKey)
                .toList();
        names.forEach(name -> check(name, files.digest(name).sha256()));
        return names;
    }

    private byte[] read(String name, long limit) {
        byte[] content = files.read(name, limit);
        check(name, Digest.of(content).sha256());
        return content;
    }

    private void check(String name, String found) {
        @Nullable String expected = described.hashes().get(name);
        if (expected != null && !expected.isEmpty() && !expected.equals(found)) {
            throw new AttunetException(
                    files.path(name),
                    "its SHA-256 is " + found,
                    expected + ", as rdf.yaml tells",
                    "copy the bundle again from where it is whole, or export the model again");
        }
    }
}
