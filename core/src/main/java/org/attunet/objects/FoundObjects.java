package org.attunet.objects;

/**
 * Objects that were found in a network's output.
 *
 * @param map the objects, numbered 1, 2, … in reading order (that of their first voxels), each in one piece
 * @param confidence of each object the mean probability of the foreground over its voxels, from 0 to 1, in the order of the
 *     numbers: that of object 1 first
 */
public record FoundObjects(ObjectMap map, double[] confidence) {
    /** {@return how many objects there are} */
    public int count() {
        return confidence.length;
    }
}
