package org.attunet.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.attunet.image.Grid;

/**
 * The header of an NRRD file with a label map: three spatial axes, integers, data behind the header in the same file. NRRD
 * names the axes of its world ("space"); ours is right-anterior-superior, so that the signs of x and y differ from
 * left-posterior-superior. Source: teem's "Definition of NRRD File Format", sections 4 and 5.
 *
 * @param grid the lattice of the voxels
 * @param type the number type of the voxels
 * @param order its byte order
 * @param compressed whether the data are compressed with gzip
 * @param length of the header in bytes, with the empty line
 */
record NrrdHeader(Grid grid, VoxelType type, ByteOrder order, boolean compressed, int length) {
    private static final Map<VoxelType, List<String>> TYPES = Map.of(
            VoxelType.I8, List.of("signed char", "int8", "int8_t"),
            VoxelType.U8, List.of("uchar", "unsigned char", "uint8", "uint8_t"),
            VoxelType.I16, List.of("short", "short int", "signed short", "signed short int", "int16", "int16_t"),
            VoxelType.U16, List.of("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"),
            VoxelType.I32, List.of("int", "signed int", "int32", "int32_t"),
            VoxelType.U32, List.of("uint", "unsigned int", "uint32", "uint32_t"));

    /** Reads a header, so that the stream is at the data; the stream must support mark. */
    static NrrdHeader read(Path file, InputStream in) throws IOException {
        NrrdFields fields = NrrdFields.read(file, in);
        requireAttached(fields);
        String dimension = fields.get("dimension");
        if (!dimension.equals("3")) {
            String found = "its dimension is " + NrrdFields.clean(dimension);
            throw fields.failure(found, "3", "save one label map without further axes");
        }
        VoxelType type = type(fields);
        String encoding = fields.get("encoding").toLowerCase(Locale.ROOT);
        boolean compressed = encoding.equals("gzip") || encoding.equals("gz");
        if (!compressed && !encoding.equals("raw")) {
            String found = "its encoding is \"" + NrrdFields.clean(encoding) + "\"";
            throw fields.failure(found, "raw or gzip", "save the file in one of these");
        }
        return new NrrdHeader(grid(fields), type, order(fields, type), compressed, fields.length());
    }

    private static void requireAttached(NrrdFields fields) {
        if (fields.has("data file")) {
            throw fields.failure("its data are in another file", "header and data in one file", "save it as .nrrd");
        }
        for (String name : new String[] {"line skip", "lineskip", "byte skip", "byteskip"}) {
            if (!fields.get(name, "0").equals("0")) {
                throw fields.damaged("it skips some of its data (" + name + ")", "data right after the header");
            }
        }
    }

    private static VoxelType type(NrrdFields fields) {
        String name = fields.get("type");
        return TYPES.entrySet().stream()
                .filter(names -> names.getValue().contains(name))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow(() -> fields.failure(
                        "its type is \"" + NrrdFields.clean(name) + "\"",
                        "whole numbers of 8, 16 or 32 bits, such as unsigned char",
                        "save labels as whole numbers"));
    }

    private static ByteOrder order(NrrdFields fields, VoxelType type) {
        String endian = type.bytes() == 1 ? "little" : fields.get("endian").toLowerCase(Locale.ROOT);
        return switch (endian) {
            case "little" -> ByteOrder.LITTLE_ENDIAN;
            case "big" -> ByteOrder.BIG_ENDIAN;
            default -> throw fields.damaged("its endian is \"" + NrrdFields.clean(endian) + "\"", "little or big");
        };
    }

    /** The grid; a label map without orientation is refused, since sides could be swapped. */
    private static Grid grid(NrrdFields fields) {
        int[] sizes = sizes(fields);
        double[] signs = signs(fields);
        double[][] directions = fields.vectors("space directions", fields.get("space directions"), 3);
        double[] origin = fields.vectors("space origin", fields.get("space origin", "(0,0,0)"), 1)[0];
        double[][] affine = new double[3][4];
        for (int row = 0; row < 3; row++) {
            for (int axis = 0; axis < 3; axis++) {
                affine[row][axis] = signs[row] * directions[axis][row];
            }
            affine[row][3] = signs[row] * origin[row];
        }
        return Grid.ofAffine(sizes, affine);
    }

    private static int[] sizes(NrrdFields fields) {
        String value = fields.get("sizes");
        String[] words = value.split("\\s+", -1);
        int[] sizes = new int[3];
        for (int axis = 0; axis < 3; axis++) {
            if (words.length != 3 || !words[axis].matches("0*[1-9]\\d{0,8}")) {
                String found = "its sizes are \"" + NrrdFields.clean(value) + "\"";
                throw fields.damaged(found, "three whole numbers from 1");
            }
            sizes[axis] = Integer.parseInt(words[axis]);
        }
        return sizes;
    }

    private static double[] signs(NrrdFields fields) {
        String space = fields.get("space");
        return switch (space.toLowerCase(Locale.ROOT)) {
            case "left-posterior-superior", "lps" -> new double[] {-1, -1, 1};
            case "right-anterior-superior", "ras" -> new double[] {1, 1, 1};
            case "left-anterior-superior", "las" -> new double[] {-1, 1, 1};
            default ->
                throw fields.failure(
                        "its space is \"" + NrrdFields.clean(space) + "\"",
                        "left-posterior-superior, right-anterior-superior or left-anterior-superior",
                        "save it in one of these");
        };
    }

    /** The header lines for a grid, in left-posterior-superior as ITK and 3D Slicer write it. */
    static String lines(Grid grid) {
        double[][] affine = grid.affine();
        return "space: left-posterior-superior\nsizes: " + grid.size(0) + " " + grid.size(1) + " " + grid.size(2)
                + "\nspace directions: " + vector(affine, 0) + " " + vector(affine, 1) + " " + vector(affine, 2)
                + "\nkinds: domain domain domain\nspace origin: " + vector(affine, 3) + "\n";
    }

    private static String vector(double[][] affine, int column) {
        // adding 0 turns -0 into 0
        return "(" + (0 - affine[0][column]) + "," + (0 - affine[1][column]) + "," + (0 + affine[2][column]) + ")";
    }
}
