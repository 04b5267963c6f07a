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
import org.attunet.error.AttunetException;
import org.attunet.io.WholeFile;
import org.jspecify.annotations.Nullable;

/**
 * PyTorch's files of weights, read and written without Python.
 *
 * <p>Reading accepts what {@code torch.save} makes of a state_dict, of a plain dictionary of tensors, and of a checkpoint
 * that holds one of these under {@code state_dict}, {@code model_state_dict}, {@code model} or {@code net}; both the zip
 * format and the one before PyTorch 1.6. It executes nothing: a name outside a short allow-list is refused, wherever in
 * the file it stands. Prefixes that wrappers put before all names ({@code module.}) are removed.
 *
 * <p>The zip format has a checksum for each part, so damage is found; the older format has none. Files come from anybody:
 * whatever is wrong with one, the answer is an {@link AttunetException}, and no memory is taken for sizes that the file
 * itself does not have. All methods may be called from any thread.
 */
public final class TorchFile {
    private static final List<String> CONTAINERS = List.of("state_dict", "model_state_dict", "model", "net");
    private static final int MAX_PICKLE = 32 << 20;
    private static final BigInteger LEGACY_MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
    private static final long LEGACY_PROTOCOL = 1001;

    private TorchFile() {}

    /**
     * The weights in a file, in its order.
     *
     * @throws AttunetException when there is no such file, it is damaged, holds something else than weights, or names
     *     anything that is not on the allow-list
     */
    public static StateDict read(Path path) {
        try (CheckedFile file = CheckedFile.open(path)) {
            ByteBuffer start = file.read(0, Math.min(16, file.length()), "the file's start");
            if (ZipArchive.isZip(start)) {
                return readZip(file);
            }
            if (start.hasRemaining() && (start.get(0) & 0xff) == 0x80) {
                return readLegacy(file);
            }
            throw new AttunetException(
                    path,
                    file.length() == 0 ? "the file is empty" : "the file begins neither as a zip nor as a pickle",
                    "a .pt or .pth file of PyTorch",
                    "save the weights with torch.save(model.state_dict(), FILE)");
        }
    }

    /**
     * Writes weights so that PyTorch's {@code load_state_dict(torch.load(FILE))} takes them, also with
     * {@code weights_only=True}; the same weights give the same bytes.
     *
     * @throws AttunetException when the target can't be written, or the weights exceed 3.75 GiB or 65,520 tensors
     */
    public static void write(StateDict weights, Path target) {
        TorchWriter.requireSize(weights, target);
        WholeFile.write(target, out -> TorchWriter.write(weights, out));
    }

    /** The bytes that {@link #write} would write. */
    public static byte[] bytes(StateDict weights) {
        TorchWriter.requireSize(weights, Path.of("weights.pt"));
        var out = new ByteArrayOutputStream();
        try {
            TorchWriter.write(weights, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory doesn't fail in this way
        }
        return out.toByteArray();
    }

    private static StateDict readZip(CheckedFile file) {
        ZipArchive zip = new ZipArchive(file);
        String root = root(file, zip);
        TorchAllowList objects = new TorchAllowList(file);
        ByteBuffer pickle = zip.read(root + "data.pkl", MAX_PICKLE);
        if (pickle == null) {
            throw file.broken("it has no entry " + StateDict.shown(root + "data.pkl"), "a PyTorch zip");
        }
        Object value = new Unpickler(file, pickle, objects).load();
        boolean big = bigEndian(file, zip.read(root + "byteorder", 16));
        return new TensorReader(file, big) {
            @Override
            byte[] bytes(TorchAllowList.Storage storage, long total, long from, long count) {
                String entry = root + "data/" + storage.key();
                if (zip.size(entry) != total) {
                    throw file.broken(
                            "its entry " + StateDict.shown(entry) + " has " + zip.size(entry)
                                    + " bytes, its index says " + total,
                            "storages of the size that the index gives");
                }
                return zip.bytes(entry, from, count);
            }
        }.stateDict(weights(file, value));
    }

    /** Whether storages are big-endian; PyTorch before 2.0 wrote no such entry and little-endian storages. */
    private static boolean bigEndian(CheckedFile file, @Nullable ByteBuffer entry) {
        String order = entry == null
                ? "little"
                : StandardCharsets.US_ASCII.decode(entry).toString();
        if (!order.equals("little") && !order.equals("big")) {
            throw file.broken("its byte order is " + StateDict.shown(order), "little or big");
        }
        return order.equals("big");
    }

    /** The folder within the zip that holds everything, named after the file that was saved. */
    private static String root(CheckedFile file, ZipArchive zip) {
        String found = null;
        for (String name : zip.names()) {
            int slash = name.indexOf('/');
            if (slash > 0 && name.substring(slash + 1).equals("data.pkl")) {
                if (found != null) {
                    throw file.broken("it has two entries data.pkl", "one index of weights");
                }
                found = name.substring(0, slash + 1);
            }
        }
        if (found == null) {
            throw new AttunetException(
                    file.file(),
                    "the zip has no data.pkl",
                    "a .pt or .pth file of PyTorch",
                    "save the weights with torch.save(model.state_dict(), FILE)");
        }
        return found;
    }

    /** Five pickles (magic number, version, system, value, keys), then each storage as a count and its elements. */
    private static StateDict readLegacy(CheckedFile file) {
        ByteBuffer in = file.read(0, Math.min(MAX_PICKLE, file.length()), "the file's pickles");
        TorchAllowList objects = new TorchAllowList(file);
        if (!LEGACY_MAGIC.equals(new Unpickler(file, in, objects).load())) {
            throw new AttunetException(
                    file.file(),
                    "it is a pickle, but none of PyTorch's",
                    "a .pt or .pth file of PyTorch",
                    "save the weights with torch.save(model.state_dict(), FILE)");
        }
        if (!Long.valueOf(LEGACY_PROTOCOL).equals(new Unpickler(file, in, objects).load())) {
            throw file.broken("its protocol version is not " + LEGACY_PROTOCOL, "the format of PyTorch 0.4 to 1.5");
        }
        new Unpickler(file, in, objects).load();
        Object value = new Unpickler(file, in, objects).load();
        Object keys = new Unpickler(file, in, objects).load();
        Map<String, Long> starts = legacyStarts(file, objects, keys, in.position());
        return new TensorReader(file, false) {
            @Override
            byte[] bytes(TorchAllowList.Storage storage, long total, long from, long count) {
                Long start = starts.get(storage.key());
                if (start == null) {
                    throw file.broken(
                            "the storage " + StateDict.shown(storage.key()) + " is missing",
                            "every storage of its index");
                }
                return file.bytes(start + from, count, "the storage " + StateDict.shown(storage.key()));
            }
        }.stateDict(weights(file, value));
    }

    private static Map<String, Long> legacyStarts(
            CheckedFile file, TorchAllowList objects, Object keys, long position) {
        Map<String, Long> starts = new HashMap<>();
        List<Object> items = keys instanceof PickleValue.Sequence sequence ? sequence.items : List.of();
        long at = position;
        for (Object key : items) {
            TorchAllowList.Storage storage =
                    key instanceof String text ? objects.storages().get(text) : null;
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

    /** The dictionary of tensors within what was saved. */
    private static Map<String, TorchAllowList.View> weights(CheckedFile file, Object saved) {
        Object value = saved;
        for (int depth = 0; depth < 4 && value instanceof PickleValue.Dict dict; depth++) {
            Object inner = null;
            for (String container : CONTAINERS) {
                Object candidate = entry(dict, container);
                if (inner == null && candidate instanceof PickleValue.Dict) {
                    inner = candidate;
                }
            }
            if (inner == null) {
                return tensors(file, dict);
            }
            value = inner;
        }
        throw notWeights(file, "its content is no dictionary of tensors");
    }

    private static Map<String, TorchAllowList.View> tensors(CheckedFile file, PickleValue.Dict dict) {
        Map<String, TorchAllowList.View> views = new LinkedHashMap<>();
        for (int i = 0; i < dict.keys.size(); i++) {
            if (!(dict.keys.get(i) instanceof String name)) {
                throw notWeights(file, "it has an entry whose key is no name");
            }
            if (!(dict.values.get(i) instanceof TorchAllowList.View view)) {
                throw notWeights(file, "its entry " + StateDict.shown(name) + " is no tensor");
            }
            views.put(name, view);
        }
        if (views.isEmpty()) {
            throw notWeights(file, "it holds no tensor");
        }
        return views;
    }

    private static AttunetException notWeights(CheckedFile file, String found) {
        return new AttunetException(
                file.file(),
                found,
                "a state_dict, alone or under " + String.join(", ", CONTAINERS),
                "save the weights with torch.save(model.state_dict(), FILE)");
    }

    private static @Nullable Object entry(PickleValue.Dict dict, String key) {
        Object value = null;
        for (int i = 0; i < dict.keys.size(); i++) {
            if (key.equals(dict.keys.get(i))) {
                value = dict.values.get(i);
            }
        }
        return value;
    }
}
