package org.attunet.io;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;

/**
 * The grid of an NRRD file, and the header lines for a grid. NRRD names the axes of its world ("space"); ours is
 * right-anterior-superior, so that the signs of x and y differ from left-posterior-superior. Source: section 4 of teem's
 * format definition.
 */
final class NrrdSpace {
    private NrrdSpace() {}

    /** The grid of a header's fields; a label map without orientation is refused, since sides could be swapped. */
    static Grid grid(Path file, Map<String, String> fields) {
        int[] sizes = sizes(file, NrrdHeader.field(file, fields, "sizes"));
        double[] signs = signs(file, NrrdHeader.field(file, fields, "space"));
        double[][] directions =
                NrrdHeader.vectors(file, "space directions", NrrdHeader.field(file, fields, "space directions"), 3);
        double[] origin =
                NrrdHeader.vectors(file, "space origin", fields.getOrDefault("space origin", "(0,0,0)"), 1)[0];
        double[][] affine = new double[3][4];
        for (int row = 0; row < 3; row++) {
            for (int axis = 0; axis < 3; axis++) {
                affine[row][axis] = signs[row] * directions[axis][row];
            }
            affine[row][3] = signs[row] * origin[row];
        }
        return Grid.ofAffine(sizes, affine);
    }

    private static int[] sizes(Path file, String value) {
        String[] words = value.split("\\s+", -1);
        int[] sizes = new int[3];
        for (int axis = 0; axis < 3; axis++) {
            if (words.length != 3 || !words[axis].matches("0*[1-9]\\d{0,8}")) {
                throw NrrdHeader.damaged(
                        file, "its sizes are \"" + NrrdHeader.clean(value) + "\"", "three whole numbers from 1");
            }
            sizes[axis] = Integer.parseInt(words[axis]);
        }
        return sizes;
    }

    private static double[] signs(Path file, String space) {
        return switch (space.toLowerCase(Locale.ROOT)) {
            case "left-posterior-superior", "lps" -> new double[] {-1, -1, 1};
            case "right-anterior-superior", "ras" -> new double[] {1, 1, 1};
            case "left-anterior-superior", "las" -> new double[] {-1, 1, 1};
            default ->
                throw new AttunetException(
                        file,
                        "its space is \"" + NrrdHeader.clean(space) + "\"",
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
