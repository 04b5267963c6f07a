package org.attunet.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.attunet.error.AttunetException;
import org.attunet.io.WholeFile;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes PyTorch's files of weights without Python.
 *
 * <p>Reads what {@code torch.save} writes for a state_dict, for a plain dictionary of tensors, and for a checkpoint that
 * holds one of these under {@code state_dict}, {@code model_state_dict}, {@code model} or {@code net} ({@link SavedNetwork}
 * finds networks at other places), in the zip format and in the one before PyTorch 1.6. Nothing is executed: a name outside a short allow-list is refused wherever it is in
 * the file. Prefixes that wrappers put before all names ({@code module.}) are removed.
 *
 * <p>The zip format has a checksum for each entry, so damage is found; the older format has none. Files are untrusted: any
 * fault is reported as an {@link AttunetException}, and no memory is allocated for sizes beyond the file's. Thread-safe.
 */
public final class TorchFile {
    private static final List<String> CONTAINERS = List.of("state_dict", "model_state_dict", "model", "net");
    private static final int MAX_PICKLE = 32 << 20;
    private static final int MAX_NESTING = 4;
    private static final BigInteger LEGACY_MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
    private static final Long LEGACY_PROTOCOL = 1001L;
    private static final String A_FILE = "a .pt or .pth file of PyTorch";
    private static final String SAVE_WEIGHTS = "save the weights with torch.save(model.state_dict(), FILE)";

    private TorchFile() {}

    /**
     * Reads the weights of a file, in its order.
     *
     * @throws AttunetException if the file is missing or damaged, holds something else than weights, or names anything
     *     that is not on the allow-list
     */
    public static StateDict read(Path path) {
        return read(
                path,
                saved -> saved.reader.stateDict(views(saved.file, saved.value)).withoutWrapperPrefixes());
    }

    /**
     * Reads the network in a file, whatever lies beside it.
     *
     * @param key parts of its place, such as {@code ema}; null if there is one alone or one that is no moving average
     * @return null if no known network is in the file
     */
    static @Nullable SavedNetwork network(Path path, @Nullable String key) {
        return read(path, saved -> {
            var tensors = new SavedTensors(saved.file, saved.value);
            SavedNames names = SavedNames.of(tensors.views().keySet(), tensors.others());
            if (names.isEmpty()) {
                return null;
            }
            SavedNames.Chosen chosen = names.choose(saved.file, key);
            return new SavedNetwork(saved.reader.stateDict(chosen.of(tensors.views())), chosen.notes());
        });
    }

    /** The value of a file's pickle, and access to its tensors. */
    private record Saved(CheckedFile file, Object value, TensorReader reader) {}

    private static <T extends @Nullable Object> T read(Path path, Function<Saved, T> content) {
        try (CheckedFile file = CheckedFile.open(path)) {
            ByteBuffer start = file.read(0, Math.min(16, file.length()), "the file's start");
            if (ZipArchive.isZip(start)) {
                return content.apply(readZip(file));
            }
            if (start.hasRemaining() && (start.get(0) & 0xff) == 0x80) {
                return content.apply(readLegacy(file));
            }
            throw file.refused(
                    file.length() == 0 ? "the file is empty" : "the file begins neither as a zip nor as a pickle",
                    A_FILE,
                    SAVE_WEIGHTS);
        }
    }

    /**
     * Writes weights for PyTorch's {@code load_state_dict(torch.load(FILE))}, also with {@code weights_only=True}; the
     * same weights give the same bytes.
     *
     * @throws AttunetException if the target can't be written
     */
    public static void write(StateDict weights, Path target) {
        WholeFile.write(target, out -> TorchWriter.write(weights, out));
    }

    /** Returns the bytes that {@link #write} writes. */
    public static byte[] bytes(StateDict weights) {
        var out = new ByteArrayOutputStream();
        try {
            TorchWriter.write(weights, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // not thrown by a stream in memory
        }
        return out.toByteArray();
    }

    private static Saved readZip(CheckedFile file) {
        ZipArchive zip = new ZipArchive(file);
        String root = root(file, zip);
        ByteBuffer pickle = Objects.requireNonNull(zip.read(root + "data.pkl", MAX_PICKLE));
        Object value = new Unpickler(file, pickle, new TorchAllowList(file)).load();
        boolean bigEndian = bigEndian(file, zip.read(root + "byteorder", 16));
        TensorReader.Storages storages = (storage, total, from, count) -> {
            String entry = root + "data/" + storage.key();
            if (zip.size(entry) != total) {
                throw file.broken(
                        "its entry " + StateDict.printable(entry) + " has " + zip.size(entry)
                                + " bytes, its index says " + total,
                        "storages of the size that the index gives");
            }
            return zip.bytes(entry, from, count);
        };
        return new Saved(file, value, new TensorReader(file, bigEndian, storages));
    }

    /** Whether storages are big-endian; PyTorch before 2.0 wrote no such entry, and little-endian storages. */
    private static boolean bigEndian(CheckedFile file, @Nullable ByteBuffer entry) {
        String order = entry == null
                ? "little"
                : StandardCharsets.US_ASCII.decode(entry).toString();
        if (!order.equals("little") && !order.equals("big")) {
            throw file.broken("its byte order is " + StateDict.printable(order), "little or big");
        }
        return order.equals("big");
    }

    /** The top folder of the zip, which is named after the file that was saved. */
    private static String root(CheckedFile file, ZipArchive zip) {
        List<String> indexes = zip.names().stream()
                .filter(name -> name.matches("[^/]+/data\\.pkl"))
                .toList();
        if (indexes.size() > 1) {
            throw file.broken("it has two entries data.pkl", "one index of weights");
        }
        if (indexes.isEmpty()) {
            throw file.refused("the zip has no data.pkl", A_FILE, SAVE_WEIGHTS);
        }
        return indexes.get(0).substring(0, indexes.get(0).indexOf('/') + 1);
    }

    /** Reads five pickles (magic number, version, system, value, keys), then each storage's count and elements. */
    private static Saved readLegacy(CheckedFile file) {
        ByteBuffer in = file.read(0, Math.min(MAX_PICKLE, file.length()), "the file's pickles");
        TorchAllowList allowList = new TorchAllowList(file);
        if (!LEGACY_MAGIC.equals(new Unpickler(file, in, allowList).load())) {
            throw file.refused("it is a pickle, but not one of PyTorch's", A_FILE, SAVE_WEIGHTS);
        }
        if (!LEGACY_PROTOCOL.equals(new Unpickler(file, in, allowList).load())) {
            throw file.broken("its protocol version is not " + LEGACY_PROTOCOL, "the format of PyTorch 0.4 to 1.5");
        }
        new Unpickler(file, in, allowList).load();
        Object value = new Unpickler(file, in, allowList).load();
        Object keys = new Unpickler(file, in, allowList).load();
        Map<String, Long> starts = legacyStarts(file, allowList, keys, in.position());
        TensorReader.Storages storages = (storage, total, from, count) -> {
            String what = "the storage " + StateDict.printable(storage.key());
            Long start = starts.get(storage.key());
            if (start == null) {
                throw file.broken(what + " is missing", "every storage of its index");
            }
            return file.bytes(start + from, count, what);
        };
        return new Saved(file, value, new TensorReader(file, false, storages));
    }

    private static Map<String, Long> legacyStarts(
            CheckedFile file, TorchAllowList allowList, Object keys, long position) {
        Map<String, Long> starts = new HashMap<>();
        List<Object> items = keys instanceof PickleValue.Sequence sequence ? sequence.items : List.of();
        long at = position;
        for (Object key : items) {
            TorchAllowList.Storage storage =
                    key instanceof String text ? allowList.storages().get(text) : null;
            if (storage == null || storage.dtype() == null) {
                throw file.broken("it lists a storage that its index does not have", "storages of known formats");
            }
            long count = file.read(at, 8, "the size of a storage").getLong();
            if (count != storage.elements() || count < 0 || count > file.length()) {
                throw file.broken(
                        "a storage has " + count + " elements, its index says " + storage.elements(),
                        "storages of the size that the index gives");
            }
            starts.put(storage.key(), at + 8);
            at += 8 + count * storage.dtype().bytes();
        }
        return starts;
    }

    /** The dictionary of tensors in a saved object. */
    private static Map<String, TorchAllowList.View> views(CheckedFile file, Object saved) {
        Object value = saved;
        for (int depth = 0; depth < MAX_NESTING && value instanceof PickleValue.Dict dict; depth++) {
            Object inner = CONTAINERS.stream()
                    .map(dict::get)
                    .filter(PickleValue.Dict.class::isInstance)
                    .findFirst()
                    .orElse(null);
            if (inner == null) {
                return views(file, dict);
            }
            value = inner;
        }
        throw notWeights(file, "its content is no dictionary of tensors");
    }

    private static Map<String, TorchAllowList.View> views(CheckedFile file, PickleValue.Dict dict) {
        Map<String, TorchAllowList.View> views = new LinkedHashMap<>();
        for (int i = 0; i < dict.keys.size(); i++) {
            if (!(dict.keys.get(i) instanceof String name)) {
                throw notWeights(file, "it has an entry whose key is no name");
            }
            if (!(dict.values.get(i) instanceof TorchAllowList.View view)) {
                throw notWeights(file, "its entry " + StateDict.printable(name) + " is no tensor");
            }
            views.put(name, view);
        }
        if (views.isEmpty()) {
            throw notWeights(file, "it holds no tensor");
        }
        return views;
    }

    private static AttunetException notWeights(CheckedFile file, String found) {
        return file.refused(found, "a state_dict, alone or under " + String.join(", ", CONTAINERS), SAVE_WEIGHTS);
    }
}
