package org.attunet.weights;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All tensors of a saved object by their places: keys of dictionaries and positions in lists, joined by dots.
 *
 * <p>What has no place among containers of the first few levels is left out.
 */
final class SavedTensors {
    private static final int MAX_NESTING = 6;
    private static final int MAX_VALUES = 500_000; // a hostile pickle may nest a container in itself

    private final CheckedFile file;
    private final Map<String, TorchAllowList.View> views = new LinkedHashMap<>();
    private final List<String> others = new ArrayList<>();
    private int values;

    SavedTensors(CheckedFile file, Object saved) {
        this.file = file;
        visit("", saved, 0);
    }

    private void visit(String place, Object value, int depth) {
        if (++values > MAX_VALUES) {
            throw file.broken("it holds more than " + MAX_VALUES + " values", "a checkpoint of usual size");
        }
        if (value instanceof TorchAllowList.View view) {
            views.put(place, view);
        } else if (depth < MAX_NESTING && value instanceof PickleValue.Dict dict) {
            boolean beside = dict.values.stream().anyMatch(TorchAllowList.View.class::isInstance);
            for (int i = 0; i < dict.keys.size(); i++) {
                Object key = dict.keys.get(i);
                Object inner = dict.values.get(i);
                String name = key instanceof String || key instanceof Long ? key.toString() : "?";
                if (beside && !(inner instanceof TorchAllowList.View || inner instanceof PickleValue.Dict)) {
                    others.add(join(place, name));
                }
                visit(join(place, name), inner, depth + 1);
            }
        } else if (depth < MAX_NESTING) {
            List<Object> items = value instanceof PickleValue.Sequence sequence
                    ? sequence.items
                    : value instanceof PickleValue.Tuple tuple ? tuple.items : List.of();
            for (int i = 0; i < items.size(); i++) {
                visit(join(place, Integer.toString(i)), items.get(i), depth + 1);
            }
        }
    }

    private static String join(String place, String name) {
        return place.isEmpty() ? name : place + "." + name;
    }

    /** The tensors by place, in the file's order. */
    Map<String, TorchAllowList.View> views() {
        return views;
    }

    /** The places of other values beside tensors. */
    List<String> others() {
        return others;
    }
}
