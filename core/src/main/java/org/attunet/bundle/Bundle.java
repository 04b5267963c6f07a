package org.attunet.bundle;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.attunet.error.AttunetException;
import org.attunet.io.Npy;
import org.jspecify.annotations.Nullable;

/**
 * A model in the layout of the BioImage Model Zoo, a folder or a zip file, written by attunet or by another program.
 *
 * <p>Opening reads {@code rdf.yaml}; for a bundle of attunet it also checks that exactly the declared files are there.
 * The hash of a file is checked on each read (a tenth of a second for 125 MB), so a file with a wrong hash is never
 * returned. {@link #verify} checks all files.
 *
 * <p>A bundle is untrusted input: nothing is extracted, names that lead out of the bundle are refused, and sizes are
 * limited by the kind of file. Immutable and thread-safe; no file stays open.
 */
public final class Bundle {
    private static final long LARGEST_MODEL = Integer.MAX_VALUE - 8;
    private static final long LARGEST_TEXT = 4 << 20;

    private final BundleFiles files;
    private final BundleManifest manifest;

    private Bundle(BundleFiles files, BundleManifest manifest) {
        this.files = files;
        this.manifest = manifest;
    }

    /**
     * {@return whether a path looks like a bundle: a folder with {@code rdf.yaml}, or a file named {@code .zip}}
     *
     * @param path a file or folder
     */
    public static boolean looksLike(Path path) {
        return Files.isDirectory(path)
                ? Files.isRegularFile(path.resolve(BundleFiles.RDF))
                : Files.isRegularFile(path) && BundleFiles.isZip(path);
    }

    /**
     * Opens a bundle.
     *
     * @param folderOrZip the bundle, or the {@code rdf.yaml} in its folder
     * @return the opened bundle
     * @throws AttunetException if the bundle is damaged, has an unknown version, or is a foreign one that needs an
     *     unsupported feature
     */
    public static Bundle open(Path folderOrZip) {
        Objects.requireNonNull(folderOrZip, "the bundle's path must not be null");
        Path parent = folderOrZip.toAbsolutePath().getParent();
        boolean inside = folderOrZip.endsWith(BundleFiles.RDF) && parent != null && Files.isRegularFile(folderOrZip);
        BundleFiles files = BundleFiles.open(inside && parent != null ? parent : folderOrZip);
        if (!files.has(BundleFiles.RDF)) {
            throw new AttunetException(
                    files.place(),
                    "there is no rdf.yaml in it",
                    "a model's bundle",
                    "give a model, not another archive");
        }
        RdfNode rdf = RdfNode.parse(files.path(BundleFiles.RDF), files.read(BundleFiles.RDF, RdfNode.MAX_BYTES, null));
        boolean own = rdf.get("config").get("attunet").present();
        return new Bundle(files, own ? OwnRdfReader.read(rdf, files) : ForeignRdfReader.read(rdf, files));
    }

    /** {@return the folder or zip file} */
    public Path place() {
        return files.place();
    }

    /** {@return whether attunet wrote the bundle} */
    public boolean own() {
        return manifest.own();
    }

    /** {@return the model} Of a foreign one only the {@link ModelDescription#shape} is known, not the layers. */
    public ModelDescription model() {
        return manifest.model();
    }

    /** {@return what the model does, in its authors' words} */
    public String description() {
        return manifest.about().description();
    }

    /** {@return the SPDX identifier of the licence; empty if it is not given} */
    public String licence() {
        return manifest.about().licence();
    }

    /** {@return the model's own version; empty if it is not given} */
    public String version() {
        return manifest.about().version();
    }

    /** {@return how logits become a mask; {@link InferenceSettings#DEFAULT} for a foreign bundle} */
    public InferenceSettings settings() {
        return manifest.settings();
    }

    /** {@return what the model keeps of its training cases; empty for a foreign bundle and for one of an older version} */
    public Optional<TrainingProfile> profile() {
        return Optional.ofNullable(manifest.profile());
    }

    /** {@return the model card; {@link ModelCard#plain} for a foreign bundle} */
    public ModelCard card() {
        return manifest.card();
    }

    /** {@return the model card as a page in Markdown; empty if there is none} */
    public String page() {
        String page = manifest.files().page();
        return page == null ? "" : new String(read(page, LARGEST_TEXT), StandardCharsets.UTF_8);
    }

    /**
     * {@return whether the bundle has a model of this precision}
     *
     * @param precision that of a model
     */
    public boolean has(Precision precision) {
        return precision == Precision.FP32 || declares(BundleFiles.INT8);
    }

    /**
     * Reads the network as ONNX: from normalised intensities to logits and the gates' maps. Of a foreign bundle it is the
     * whole file.
     *
     * @param precision of the weights and the arithmetic
     * @return the bytes of the file
     * @throws AttunetException if there is none of this precision, or its hash is wrong
     */
    public byte[] onnx(Precision precision) {
        byte[] file = file(precision);
        try {
            return manifest.files().portable() ? PortableModel.network(file) : file;
        } catch (AttunetException e) {
            throw BundleFiles.damaged(onnxPath(precision), e.found(), e.expected());
        }
    }

    /**
     * Reads the ONNX file as other programs run it: from intensities, preprocessed as {@code rdf.yaml} says, to its output.
     *
     * @param precision of the weights and the arithmetic
     * @return the bytes of the file
     * @throws AttunetException if there is none of this precision, or its hash is wrong
     */
    public byte[] file(Precision precision) {
        return read(onnxName(precision), LARGEST_MODEL);
    }

    /**
     * {@return the test input preprocessed as {@code rdf.yaml} says, for which {@link #file} gives the test output; empty
     * for a bundle of an older version, whose files give logits, and for a foreign one}
     *
     * @param test the test input and output
     */
    public Optional<float[]> fileInput(TestCase test) {
        return manifest.files().portable() ? Optional.of(BundleContent.fileInput(model(), test)) : Optional.empty();
    }

    /**
     * {@return the path of the ONNX model for messages; it does not exist if the bundle is a zip file}
     *
     * @param precision of the weights and the arithmetic
     */
    public Path onnxPath(Precision precision) {
        return files.path(onnxName(precision));
    }

    private String onnxName(Precision precision) {
        if (!has(precision)) {
            throw new AttunetException(
                    place(),
                    "there is no model in 8-bit integers",
                    BundleFiles.INT8,
                    "use the model in floating point, or export one with --int8");
        }
        return precision == Precision.INT8 ? BundleFiles.INT8 : manifest.files().onnx();
    }

    /**
     * Reads the weights as a PyTorch state_dict.
     *
     * @return the bytes of {@code weights.pt}; empty if the bundle is foreign or was exported without them
     * @throws AttunetException if the hash is wrong
     */
    public Optional<byte[]> weights() {
        return declares(BundleFiles.WEIGHTS) ? Optional.of(read(BundleFiles.WEIGHTS, LARGEST_MODEL)) : Optional.empty();
    }

    private boolean declares(String name) {
        return own() && manifest.files().sha256().containsKey(name);
    }

    /**
     * Reads the test input and output; empty if a foreign bundle has none.
     *
     * @return the test case, if there is one
     */
    public Optional<TestCase> test() {
        return test(manifest.files().testOutput());
    }

    /**
     * Reads the test input and the output of the model of this precision; empty if the bundle doesn't hold it.
     *
     * @param precision of the weights and the arithmetic
     * @return the test case, if there is one
     */
    public Optional<TestCase> test(Precision precision) {
        return precision == Precision.FP32
                ? test()
                : test(declares(BundleFiles.INT8_TEST_OUTPUT) ? BundleFiles.INT8_TEST_OUTPUT : null);
    }

    private Optional<TestCase> test(@Nullable String output) {
        String input = manifest.files().testInput();
        return input == null || output == null ? Optional.empty() : Optional.of(new TestCase(npy(input), npy(output)));
    }

    private Npy npy(String name) {
        return files.readNpy(name, manifest.files().sha256().get(name));
    }

    /**
     * Reads everything in a bundle of attunet, so that it can be written again with a change.
     *
     * @return all parts of the bundle
     * @throws AttunetException if another program wrote the bundle, or a hash is wrong
     */
    public BundleContent content() {
        if (!own()) {
            throw new AttunetException(
                    place(), "another program wrote it", "a bundle of attunet", "change it with that program");
        }
        return OwnContent.read(this, files);
    }

    /** {@return the files' sizes in bytes by their names} */
    public Map<String, Long> files() {
        var sizes = new TreeMap<String, Long>();
        files.names().forEach(name -> sizes.put(name, files.size(name)));
        return sizes;
    }

    /**
     * Checks the hash of every file that has a declared one.
     *
     * @return the files' names
     * @throws AttunetException naming the first file with a wrong hash
     */
    public List<String> verify() {
        manifest.files().sha256().forEach(files::verify);
        return List.copyOf(manifest.files().sha256().keySet());
    }

    private byte[] read(String name, long limit) {
        return files.read(name, limit, manifest.files().sha256().get(name));
    }
}
