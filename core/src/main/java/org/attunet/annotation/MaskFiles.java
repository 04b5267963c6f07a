package org.attunet.annotation;

import java.nio.file.Path;
import java.util.List;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;

/**
 * Masks of one object each, as the Data Science Bowl of 2018 has them; 2D or 3D. All voxels of a file that aren't 0 are its
 * object, which is numbered by its place in the list, from 1. {@link ObjectDrawing} says what becomes of voxels in several
 * masks.
 *
 * @param files PNG, BMP, TIFF, NIfTI or NRRD; none for an image without objects
 */
public record MaskFiles(List<Path> files) implements ObjectSource {
    /**
     * Copies the list.
     *
     * @param files PNG, BMP, TIFF, NIfTI or NRRD; none for an image without objects
     */
    public MaskFiles {
        files = List.copyOf(files);
    }

    @Override
    public AnnotatedObjects read(Path image, Grid grid) {
        ObjectDrawing drawing = new ObjectDrawing(files.isEmpty() ? image : files.get(0), grid);
        for (Path file : files) {
            drawing.add(Runs.of(mask(file, image, grid)), "");
        }
        return drawing.finish();
    }

    private static int[] mask(Path file, Path image, Grid grid) {
        int[] mask = LabelImage.numbers(file, image, grid);
        int value = 0;
        for (int number : mask) {
            if (number != 0 && value != 0 && number != value) {
                throw new AttunetException(
                        file,
                        "the mask holds " + value + " and " + number,
                        "one value other than 0, since each mask of the folder is one object",
                        "give it as a label image, or save one mask for each object");
            }
            value = number == 0 ? value : number;
        }
        return mask;
    }
}
