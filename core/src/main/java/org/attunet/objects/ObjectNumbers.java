package org.attunet.objects;

import java.util.Arrays;

/**
 * The numbers that occur in an {@link ObjectMap}, ascending, and their places 0, 1, … in that order, so that what is known
 * about each object fits an array however large the numbers are. Immutable.
 */
public final class ObjectNumbers {
    private final int[] sorted;

    private ObjectNumbers(int[] sorted) {
        this.sorted = sorted;
    }

    /**
     * {@return the numbers of a map's objects}
     *
     * @param map the objects
     */
    public static ObjectNumbers of(ObjectMap map) {
        int[] numbers = map.numbers();
        int[] found = new int[1024];
        int count = 0;
        int before = 0;
        for (int number : numbers) {
            if (number != before && number != 0) {
                if (count == found.length) {
                    count = distinct(found, count);
                    found = count > found.length / 2 ? Arrays.copyOf(found, 2 * found.length) : found;
                }
                found[count++] = number;
            }
            before = number;
        }
        return new ObjectNumbers(Arrays.copyOf(found, distinct(found, count)));
    }

    /** Sorts the first values, moves the distinct ones to the front and counts them. */
    private static int distinct(int[] values, int count) {
        Arrays.sort(values, 0, count);
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (kept == 0 || values[kept - 1] != values[i]) {
                values[kept++] = values[i];
            }
        }
        return kept;
    }

    /** {@return how many objects there are} */
    public int count() {
        return sorted.length;
    }

    /**
     * {@return the number of the object at a place}
     *
     * @param place from 0 to {@code count() - 1}
     */
    public int number(int place) {
        return sorted[place];
    }

    /**
     * {@return the place of an object, from 0; negative if no object has the number}
     *
     * @param number the number of the object
     */
    public int place(int number) {
        int last = sorted.length - 1;
        return last >= 0 && sorted[last] == sorted.length && number >= 0 && number <= sorted.length
                ? number - 1 // without gaps
                : Arrays.binarySearch(sorted, number);
    }

    /**
     * {@return how many voxels each object has, by its place}
     *
     * @param map the objects that the numbers are of
     */
    public int[] voxels(ObjectMap map) {
        int[] numbers = map.numbers();
        int[] voxels = new int[sorted.length];
        int place = 0;
        for (int i = 0; i < numbers.length; i++) {
            if (numbers[i] != 0) {
                place = i > 0 && numbers[i] == numbers[i - 1] ? place : place(numbers[i]);
                voxels[place]++;
            }
        }
        return voxels;
    }
}
