package org.attunet.weights;

import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A number format of stored weights, named as safetensors names it; all are little-endian. */
public enum DType {
    /** IEEE 754 single precision. */
    F32(4, "FloatStorage", "float32", "float"),
    /** IEEE 754 double precision. */
    F64(8, "DoubleStorage", "float64", "double"),
    /** IEEE 754 half precision. */
    F16(2, "HalfStorage", "float16", "half"),
    /** The upper half of a single-precision number. */
    BF16(2, "BFloat16Storage", "bfloat16", "bfloat16"),
    /** Signed, 64 bits. */
    I64(8, "LongStorage", "int64", "long"),
    /** Signed, 32 bits. */
    I32(4, "IntStorage", "int32", "int"),
    /** Signed, 16 bits. */
    I16(2, "ShortStorage", "int16", "short"),
    /** Signed, 8 bits. */
    I8(1, "CharStorage", "int8", "char"),
    /** Unsigned, 8 bits. */
    U8(1, "ByteStorage", "uint8", "byte"),
    /** One byte, 0 or 1. */
    BOOL(1, "BoolStorage", "bool", "bool");

    private final int bytes;
    private final String torchStorage;
    private final String torchName;
    private final String torchAlias;

    DType(int bytes, String torchStorage, String torchName, String torchAlias) {
        this.bytes = bytes;
        this.torchStorage = torchStorage;
        this.torchName = torchName;
        this.torchAlias = torchAlias;
    }

    /** The size of one element in bytes. */
    public int bytes() {
        return bytes;
    }

    /** Whether this is a floating-point format. */
    public boolean floating() {
        return this == F32 || this == F64 || this == F16 || this == BF16;
    }

    /** The class in Python's {@code torch} module whose storages hold this format. */
    String torchStorage() {
        return torchStorage;
    }

    /** The format of a storage class, such as {@code FloatStorage}; null if there is none. */
    static @Nullable DType ofTorchStorage(String className) {
        return first(type -> type.torchStorage.equals(className));
    }

    /** The format of a dtype in Python, such as {@code float32} or {@code float}; null if there is none. */
    static @Nullable DType ofTorchName(String name) {
        return first(type -> type.torchName.equals(name) || type.torchAlias.equals(name));
    }

    /** The format of a dtype in safetensors, such as {@code F32}; null if there is none. */
    static @Nullable DType ofSafetensorsName(String name) {
        return first(type -> type.name().equals(name));
    }

    private static @Nullable DType first(Predicate<DType> wanted) {
        return Stream.of(values()).filter(wanted).findFirst().orElse(null);
    }
}
