package org.attunet.weights;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/**
 * The classes and functions that a PyTorch file of weights may name, and the data that they yield. A tensor becomes a
 * {@link View} of a {@link Storage}; its elements are not read yet.
 */
final class TorchAllowList implements Unpickler.AllowList {
    private static final String FROM_TYPE = "torch._tensor._rebuild_from_type";
    private static final Set<String> ALLOWED = Set.of(
            "collections.OrderedDict",
            "torch._utils._rebuild_tensor",
            "torch._utils._rebuild_tensor_v2",
            "torch._utils._rebuild_tensor_v3",
            "torch._utils._rebuild_parameter",
            "torch._utils._rebuild_parameter_with_state",
            FROM_TYPE,
            FROM_TYPE + "_v2",
            "torch.Tensor",
            "torch.nn.parameter.Parameter",
            "torch.nn.parameter.Buffer",
            "torch.Size",
            "torch.device");
    private static final Set<String> UNTYPED =
            Set.of("UntypedStorage", "_UntypedStorage", "TypedStorage", "_TypedStorage");
    private static final Pattern OTHER_STORAGES = Pattern.compile("(Complex|QU?Int)\\w*Storage");
    private static final Pattern OTHER_DTYPES =
            Pattern.compile("(complex|q?u?int|float|bits)\\d+\\w*|c(half|float|double)");

    /** What the functions rebuild that restore no plain tensor, and how to save one instead. */
    private static final Map<String, List<String>> OTHER_TENSORS = Map.of(
            "_rebuild_qtensor", List.of("quantised tensors", "save tensor.dequantize() of each"),
            "_rebuild_sparse_tensor", List.of("sparse tensors", "save tensor.to_dense() of each"),
            "_rebuild_sparse_csr_tensor", List.of("sparse tensors", "save tensor.to_dense() of each"),
            "_rebuild_nested_tensor", List.of("nested tensors", "save each as a plain tensor"),
            "_rebuild_meta_tensor_no_storage",
                    List.of("tensors on the device meta, which have no values", "load the weights before torch.save"),
            "_rebuild_wrapper_subclass",
                    List.of(
                            "tensors of a subclass without storage",
                            "save each as a plain tensor, such as full_tensor()"),
            "_rebuild_device_tensor_from_numpy", List.of("tensors of another device", "save tensor.cpu() of each"),
            "_rebuild_device_tensor_from_cpu_tensor", List.of("tensors of another device", "save tensor.cpu() of each"),
            "_rebuild_xla_tensor", List.of("tensors of another device", "save tensor.cpu() of each"));

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

    /**
     * A tensor: a strided part of a storage; offset, shape and strides count elements and are not validated.
     *
     * @param format Python's name of the number format or of the storage's class
     * @param dtype null if {@link DType} lacks the format
     * @param negative whether the tensor's values are the stored ones with the other sign
     */
    record View(
            Storage storage,
            String format,
            @Nullable DType dtype,
            long offset,
            long[] shape,
            long[] strides,
            boolean negative) {}

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
                && (UNTYPED.contains(name)
                        || OTHER_STORAGES.matcher(name).matches()
                        || DType.ofTorchStorage(name) != null);
        boolean dtype = torch
                && (DType.ofTorchName(name) != null
                        || OTHER_DTYPES.matcher(name).matches());
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
        List<String> other = OTHER_TENSORS.get(lastPart(full));
        if (other != null && module.equals("torch._utils")) {
            return file.refused(
                    "it has " + other.get(0) + " (" + full + ")", "dense tensors", "in Python, " + other.get(1));
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
            case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state" ->
                argument(name, arguments, 0, View.class);
            case FROM_TYPE, FROM_TYPE + "_v2" -> fromType(name, arguments);
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

    /** A tensor with attributes of its own, which are left out: function, class, arguments, attributes. */
    private Object fromType(String name, PickleValue.Tuple arguments) {
        String type = argument(name, arguments, 1, PickleValue.Global.class).name();
        if (!type.equals("torch.Tensor") && !type.startsWith("torch.nn.parameter.")) {
            throw broken("the pickle rebuilds a " + StateDict.printable(type) + " as a tensor");
        }
        PickleValue.Global function = argument(name, arguments, 0, PickleValue.Global.class);
        if (function.name().startsWith(FROM_TYPE)) {
            throw broken("the pickle rebuilds a tensor twice");
        }
        return call(function, argument(name, arguments, 2, PickleValue.Tuple.class));
    }

    private View view(String name, PickleValue.Tuple arguments, boolean withDtype) {
        Storage storage = argument(name, arguments, 0, Storage.class);
        long offset = argument(name, arguments, 1, Long.class);
        long[] shape = longs(argument(name, arguments, 2, PickleValue.Tuple.class));
        long[] strides = longs(argument(name, arguments, 3, PickleValue.Tuple.class));
        if (shape.length != strides.length || shape.length > MAX_AXES) {
            throw broken("a tensor has " + shape.length + " sizes and " + strides.length + " strides");
        }
        boolean negative = negative(name, arguments, withDtype ? 7 : 6);
        if (!withDtype) {
            return new View(storage, storage.type, storage.dtype, offset, shape, strides, negative);
        }
        String format = argument(name, arguments, 6, PickleValue.Global.class).name();
        return new View(storage, format, DType.ofTorchName(lastPart(format)), offset, shape, strides, negative);
    }

    /** The lazy negation in a tensor's metadata; a lazy conjugation changes no real number. */
    private boolean negative(String name, PickleValue.Tuple arguments, int index) {
        if (index >= arguments.items.size() || arguments.items.get(index) == PickleValue.None.NONE) {
            return false;
        }
        PickleValue.Dict metadata = argument(name, arguments, index, PickleValue.Dict.class);
        for (int i = 0; i < metadata.keys.size(); i++) {
            Object key = metadata.keys.get(i);
            if (!(key.equals("neg") || key.equals("conj")) || !Boolean.TRUE.equals(metadata.values.get(i))) {
                throw file.refused(
                        "a tensor has the metadata " + StateDict.printable(key + ": " + metadata.values.get(i)),
                        "none, or the lazy negation (neg) or conjugation (conj)",
                        "in Python, save tensor.clone() of each");
            }
        }
        return metadata.get("neg") != null;
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
