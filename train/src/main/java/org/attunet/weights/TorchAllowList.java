package org.attunet.weights;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/**
 * The classes and functions that a PyTorch file of weights may name, and the data that they yield. A tensor becomes a
 * {@link View} of a {@link Storage}; its elements are not read yet.
 */
final class TorchAllowList implements Unpickler.AllowList {
    private static final Set<String> ALLOWED = Set.of(
            "collections.OrderedDict",
            "torch._utils._rebuild_tensor",
            "torch._utils._rebuild_tensor_v2",
            "torch._utils._rebuild_tensor_v3",
            "torch._utils._rebuild_parameter",
            "torch.Size",
            "torch.device");
    private static final Set<String> UNTYPED =
            Set.of("UntypedStorage", "_UntypedStorage", "TypedStorage", "_TypedStorage");
    private static final Set<String> OTHER_STORAGES =
            Set.of("ComplexFloatStorage", "ComplexDoubleStorage", "QUInt8Storage", "QInt8Storage", "QInt32Storage");
    private static final Set<String> OTHER_DTYPES = Set.of(
            "complex64", "complex128", "cfloat", "cdouble", "quint8", "qint8", "qint32", "uint16", "uint32", "uint64");
    private static final Set<String> SYSTEM =
            Set.of("os", "posix", "nt", "subprocess", "sys", "builtins", "__builtin__", "runpy", "socket", "shutil");
    private static final int MAX_AXES = 64;

    /**
     * A block of elements in the file.
     *
     * @param type the storage's class in Python
     * @param dtype null if the class has a format that {@link DType} lacks
     */
    record Storage(String key, String type, @Nullable DType dtype, long elements) {}

    /** A tensor: a strided part of a storage; offset, shape and strides count elements and are not validated. */
    record View(Storage storage, @Nullable DType dtype, long offset, long[] shape, long[] strides) {}

    private final CheckedFile file;
    private final Map<String, Storage> storages = new LinkedHashMap<>();

    TorchAllowList(CheckedFile file) {
        this.file = file;
    }

    /** The storages that the pickle has named so far, by key. */
    Map<String, Storage> storages() {
        return storages;
    }

    @Override
    public Object findClass(String module, String name) {
        String full = module + "." + name;
        boolean torch = module.equals("torch");
        boolean storage = (torch || module.equals("torch.storage"))
                && (UNTYPED.contains(name) || OTHER_STORAGES.contains(name) || DType.ofTorchStorage(name) != null);
        boolean dtype = torch && (DType.ofTorchName(name) != null || OTHER_DTYPES.contains(name));
        if (ALLOWED.contains(full) || storage || dtype) {
            return new PickleValue.Global(full);
        }
        throw refused(module, StateDict.printable(full));
    }

    private AttunetException refused(String module, String full) {
        if (module.startsWith("__torch__")) {
            return file.refused(
                    "it is a TorchScript archive of the class " + full,
                    "weights alone",
                    "in Python, torch.save(torch.jit.load(FILE).state_dict(), OUT)");
        }
        String root = module.contains(".") ? module.substring(0, module.indexOf('.')) : module;
        return file.refused(
                "it names " + full + ", which is not on the allow-list (nothing was executed)",
                "tensors in plain containers, as torch.save(model.state_dict()) writes them",
                SYSTEM.contains(root)
                        ? "do not load this file in Python, it could run commands there; ask for one with weights alone"
                        : "in Python, with that class installed, torch.save(model.state_dict(), OUT)");
    }

    @Override
    public Object call(Object function, PickleValue.Tuple arguments) {
        String name = function instanceof PickleValue.Global global ? global.name() : "a value";
        return switch (name) {
            case "collections.OrderedDict" -> orderedDict(arguments);
            case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2" -> view(name, arguments, false);
            case "torch._utils._rebuild_tensor_v3" -> view(name, arguments, true);
            case "torch._utils._rebuild_parameter" -> argument(name, arguments, 0, View.class);
            case "torch.Size" -> argument(name, arguments, 0, PickleValue.Tuple.class);
            case "torch.device" -> name;
            default -> throw broken("the pickle calls " + name);
        };
    }

    /** An ordered dictionary: empty, or (Python 2) from a list of pairs. */
    private PickleValue.Dict orderedDict(PickleValue.Tuple arguments) {
        PickleValue.Dict dict = new PickleValue.Dict();
        if (arguments.items.isEmpty()) {
            return dict;
        }
        for (Object pair : argument("OrderedDict", arguments, 0, PickleValue.Sequence.class).items) {
            List<Object> both = pair instanceof PickleValue.Tuple tuple
                    ? tuple.items
                    : pair instanceof PickleValue.Sequence sequence ? sequence.items : List.of();
            if (both.size() != 2) {
                throw broken("an OrderedDict has an item that is no pair");
            }
            dict.put(both.get(0), both.get(1));
        }
        return dict;
    }

    private View view(String name, PickleValue.Tuple arguments, boolean withDtype) {
        Storage storage = argument(name, arguments, 0, Storage.class);
        long offset = argument(name, arguments, 1, Long.class);
        long[] shape = longs(argument(name, arguments, 2, PickleValue.Tuple.class));
        long[] strides = longs(argument(name, arguments, 3, PickleValue.Tuple.class));
        if (shape.length != strides.length || shape.length > MAX_AXES) {
            throw broken("a tensor has " + shape.length + " sizes and " + strides.length + " strides");
        }
        DType dtype = storage.dtype;
        if (withDtype) {
            dtype = DType.ofTorchName(lastPart(
                    argument(name, arguments, 6, PickleValue.Global.class).name()));
        }
        return new View(storage, dtype, offset, shape, strides);
    }

    private static String lastPart(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    @Override
    public Object persistentLoad(Object id) {
        PickleValue.Tuple tuple = id instanceof PickleValue.Tuple t ? t : new PickleValue.Tuple(List.of());
        int size = tuple.items.size();
        if (size < 5 || !"storage".equals(tuple.items.get(0))) {
            throw broken("the pickle refers to something that is not a storage");
        }
        if (size > 5 && tuple.items.get(5) != PickleValue.None.NONE) {
            throw broken("the pickle has a view of a storage, as PyTorch before 0.4 wrote them");
        }
        String type =
                lastPart(argument("storage", tuple, 1, PickleValue.Global.class).name());
        // An untyped storage is counted in bytes.
        DType dtype = UNTYPED.contains(type) ? DType.U8 : DType.ofTorchStorage(type);
        String key = argument("storage", tuple, 2, String.class);
        Storage storage = new Storage(key, type, dtype, argument("storage", tuple, 4, Long.class));
        Storage before = storages.putIfAbsent(key, storage);
        if (before != null && !before.equals(storage)) {
            throw broken("the storage " + StateDict.printable(key) + " is described in two ways");
        }
        return storage;
    }

    private <T> T argument(String what, PickleValue.Tuple arguments, int index, Class<T> type) {
        Object value = index < arguments.items.size() ? arguments.items.get(index) : PickleValue.None.NONE;
        if (!type.isInstance(value)) {
            throw broken(what + " has a " + value.getClass().getSimpleName() + " as argument " + index);
        }
        return type.cast(value);
    }

    private long[] longs(PickleValue.Tuple tuple) {
        long[] out = new long[tuple.items.size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = argument("a shape", tuple, i, Long.class);
        }
        return out;
    }

    private AttunetException broken(String found) {
        return file.broken(found, "a pickle as torch.save writes it");
    }
}
