package org.attunet.io;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.attunet.error.AttunetException;
import org.attunet.io.NiftiHeader.Field;

/** The supported NIfTI datatype codes, nifti1.h "datatype". */
enum NiftiType {
    UINT8(2, VoxelType.U8, 1),
    INT16(4, VoxelType.I16, 1),
    INT32(8, VoxelType.I32, 1),
    FLOAT32(16, VoxelType.F32, 1),
    FLOAT64(64, VoxelType.F64, 1),
    RGB24(128, VoxelType.U8, 3),
    INT8(256, VoxelType.I8, 1),
    UINT16(512, VoxelType.U16, 1),
    UINT32(768, VoxelType.U32, 1),
    INT64(1024, VoxelType.I64, 1),
    UINT64(1280, VoxelType.U64, 1),
    RGBA32(2304, VoxelType.U8, 4);

    private final int code;
    private final VoxelType number;
    private final int samples;

    NiftiType(int code, VoxelType number, int samples) {
        this.code = code;
        this.number = number;
        this.samples = samples;
    }

    /** The type of a header; an unknown code or a wrong number of bits per voxel is an error. */
    static NiftiType of(Path file, NiftiHeader h) {
        int code = (int) h.get(Field.DATATYPE);
        int bits = (int) h.get(Field.BITPIX);
        for (NiftiType type : values()) {
            if (type.code == code) {
                if (type.bitsPerVoxel() != bits) {
                    String found = "bitpix is " + bits + " for datatype " + code + " (" + type + ")";
                    throw FileErrors.damaged(file, found, "bitpix " + type.bitsPerVoxel());
                }
                return type;
            }
        }
        String known = Arrays.stream(values()).map(t -> t.code + " (" + t + ")").collect(Collectors.joining(", "));
        throw new AttunetException(
                file, "datatype is " + code, "one of " + known, "convert the file, for instance to float32");
    }

    int code() {
        return code;
    }

    /** The type of one sample. */
    VoxelType number() {
        return number;
    }

    /** Samples per voxel: 1, or 3 and 4 for colours. */
    int samples() {
        return samples;
    }

    int bitsPerVoxel() {
        return 8 * number.bytes() * samples;
    }
}
