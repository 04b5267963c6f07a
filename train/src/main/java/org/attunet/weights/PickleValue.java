package org.attunet.weights;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The values that an {@link Unpickler} produces, as plain data. Numbers, strings, booleans and bytes are Java's own;
 * containers compare by identity, because a hostile pickle may nest them in themselves.
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
    }

    /** A list or a set. */
    static final class Sequence {
        final List<Object> items;

        Sequence(List<Object> items) {
            this.items = new ArrayList<>(items);
        }
    }

    /** A dictionary as its pairs in order of insertion; a later pair replaces an earlier one of the same key. */
    static final class Dict {
        final List<Object> keys = new ArrayList<>();
        final List<Object> values = new ArrayList<>();

        void put(Object key, Object value) {
            keys.add(key);
            values.add(value);
        }

        /** The value under a string key, or null. */
        @Nullable
        Object get(String key) {
            int last = keys.size() - 1;
            while (last >= 0 && !key.equals(keys.get(last))) {
                last--;
            }
            return last < 0 ? null : values.get(last);
        }
    }

    /** The name of an allowed class or function; Python's object behind it is never loaded. */
    record Global(String name) {}
}
