package org.attunet.annotation;

import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Lattice;
import org.attunet.image.Orientation;
import org.attunet.io.Images;
import org.attunet.io.Placement;
import org.attunet.io.WholeNumbers;
import org.attunet.objects.ObjectMap;

/**
 * An image whose values are the numbers of objects, 0 for none, as StarDist, Cellpose and ImageJ write them; 2D or 3D.
 *
 * @param file PNG, BMP, TIFF, NIfTI or NRRD
 */
public record LabelImage(Path file) implements ObjectSource {
    @Override
    public List<Path> files() {
        return List.of(file);
    }

    @Override
    public AnnotatedObjects read(Path image, Grid grid) {
        ObjectMap objects = new ObjectMap(grid, numbers(file, image, grid));
        return new AnnotatedObjects(objects, new BitSet(), Map.of(), List.of());
    }

    /** The numbers of a file on the grid of an image. */
    static int[] numbers(Path file, Path image, Grid grid) {
        WholeNumbers stored = WholeNumbers.read(file);
        Orientation turn;
        if (Images.suffix(file).equals(".nrrd") || Images.isSeries(image)) {
            turn = turn(file, stored.grid(), grid);
        } else {
            turn = Placement.ofMask(file, image).turn();
        }
        return turn.apply(stored.values());
    }

    private static Orientation turn(Path file, Grid own, Grid grid) {
        Optional<Orientation> turn = Lattice.turn(own, grid);
        return turn.orElseThrow(() -> new AttunetException(
                file,
                "the label image holds " + own,
                "the points of its image, " + grid,
                "export the label image on the image's own grid"));
    }
}
