package org.attunet.annotation;

import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.attunet.objects.ObjectMap;

/**
 * What somebody annotated in an image: its objects, and the voxels that nobody judged.
 *
 * @param objects on the image's grid
 * @param unjudged the voxels outside of objects that are to be left out of training and measuring, such as COCO's crowds,
 *     by their indices in the grid's order; it is shared and must not change
 * @param classes what kinds the objects are, by their numbers; those without a kind are missing
 * @param notes what was not read as it is stored, in sentences without the file's name; usually none
 */
public record AnnotatedObjects(ObjectMap objects, BitSet unjudged, Map<Integer, String> classes, List<String> notes) {
    /**
     * Copies the map and the list.
     *
     * @param objects on the image's grid
     * @param unjudged voxels to be left out of training and measuring
     * @param classes the kinds of objects by their numbers
     * @param notes sentences without the file's name
     */
    public AnnotatedObjects {
        Objects.requireNonNull(objects, "the objects must not be null");
        Objects.requireNonNull(unjudged, "the voxels without judgement must not be null");
        classes = Map.copyOf(classes);
        notes = List.copyOf(notes);
    }

    /**
     * {@return the same without an object, whose voxels nobody judged}
     *
     * @param number that of the object
     */
    public AnnotatedObjects without(int number) {
        int[] numbers = objects.numbers().clone();
        BitSet open = (BitSet) unjudged.clone();
        for (int i = 0; i < numbers.length; i++) {
            if (numbers[i] == number) {
                numbers[i] = 0;
                open.set(i);
            }
        }
        return new AnnotatedObjects(new ObjectMap(objects.grid(), numbers), open, classes, notes);
    }
}
