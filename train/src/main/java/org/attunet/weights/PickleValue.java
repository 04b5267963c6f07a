package org.attunet.weights;

import java.util.ArrayList;
import java.util.List;

/**
 * What a pickle is made of, as data without behaviour. Numbers, strings, booleans and bytes are Java's own; containers
 * compare by identity, because a hostile pickle may nest them in themselves.
 */
final class PickleValue {
    private PickleValue() {}

    /** Python's {@code None}. */
    enum None {
        NONE
    }

    /** A tuple. */
    static final class Tuple {
        final List<Object> items;

        Tuple(List<Object> items) {
            this.items = items;
        }

        int size() {
            return items.size();
        }

        Object get(int index) {
            return items.get(index);
        }
    }

    /** A list or a set. */
    static final class Sequence {
        final List<Object> items = new ArrayList<>();
    }

    /** A dictionary as its pairs in order of insertion; a later pair of the same key stands for it. */
    static final class Dict {
        final List<Object> keys = new ArrayList<>();
        final List<Object> values = new ArrayList<>();

        void put(Object key, Object value) {
            keys.add(key);
            values.add(value);
        }
    }

    /** A name on the allow-list, not what Python would find behind it. */
    record Global(String name) {}
}
