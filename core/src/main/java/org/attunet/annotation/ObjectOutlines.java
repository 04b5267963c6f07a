package org.attunet.annotation;

import java.util.ArrayList;
import java.util.List;
import org.attunet.image.LabelMap;
import org.attunet.image.Outline;
import org.attunet.objects.ObjectMap;
import org.attunet.objects.ObjectNumbers;

/**
 * The outlines of objects along the edges of their pixels, object by object; an object in several pieces has several.
 * {@link Outline} knows 65535 labels, so that more objects are traced part by part.
 */
final class ObjectOutlines {
    private static final int MOST = 0xffff;

    private ObjectOutlines() {}

    /** Takes the outlines of an object. */
    interface Sink<E extends Exception> {
        void accept(int number, List<Outline> pieces) throws E;
    }

    /**
     * Traces all objects in the order of their numbers.
     *
     * @param objects in 2D
     */
    static <E extends Exception> void trace(ObjectMap objects, Sink<E> sink) throws E {
        ObjectNumbers numbers = ObjectNumbers.of(objects);
        for (int from = 0; from < numbers.count(); from += MOST) {
            int count = Math.min(MOST, numbers.count() - from);
            List<List<Outline>> pieces = new ArrayList<>();
            for (int k = 0; k < count; k++) {
                pieces.add(new ArrayList<>(1));
            }
            for (Outline outline : Outline.of(part(objects, numbers, from, count))) {
                pieces.get(outline.label() - 1).add(outline);
            }
            for (int k = 0; k < count; k++) {
                sink.accept(numbers.number(from + k), pieces.get(k));
            }
        }
    }

    private static LabelMap part(ObjectMap objects, ObjectNumbers numbers, int from, int count) {
        short[] labels = new short[objects.numbers().length];
        for (int i = 0; i < labels.length; i++) {
            int number = objects.numbers()[i];
            int place = number == 0 ? -1 : numbers.place(number) - from;
            labels[i] = place >= 0 && place < count ? (short) (place + 1) : 0;
        }
        return new LabelMap(objects.grid(), labels);
    }
}
