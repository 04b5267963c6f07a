package org.attunet.server.inference;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.attunet.server.http.HttpFailure;
import org.attunet.server.work.HeapMemory;

/** Elements that came as a JSON array, flat or nested like the tensor; held as plain numbers, four bytes each. */
final class JsonValues implements InferenceRequest.Elements {
    private static final int MOST_AXES = 8;
    private static final int PIECE = 1 << 14;

    private final HeapMemory.Share memory;
    private final List<float[]> pieces = new ArrayList<>();
    private long count;

    private final long[] lengths = new long[MOST_AXES]; // of the arrays at each depth, which must be equally long
    private final long[] counted = new long[MOST_AXES];
    private int axes; // the depth of the numbers, 0 until the first one is read

    private JsonValues(HeapMemory.Share memory) {
        this.memory = memory;
        Arrays.fill(lengths, -1);
    }

    /** Reads the array at the parser's position to its end. */
    static JsonValues read(JsonParser json, TensorDatatype datatype, HeapMemory.Share memory) throws IOException {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            throw HttpFailure.bad("the input's data is no array", "its elements as an array, flat or nested");
        }
        var values = new JsonValues(memory);
        int depth = values.begin(0);
        while (depth > 0) {
            JsonToken token = json.nextToken();
            if (token == JsonToken.START_ARRAY) {
                depth = values.begin(depth);
            } else if (token == JsonToken.END_ARRAY) {
                depth = values.end(depth);
            } else {
                values.add(depth, datatype.of(json));
            }
        }
        return values;
    }

    private int begin(int depth) {
        if (depth == MOST_AXES) {
            throw HttpFailure.bad(
                    "the input's data is nested more than " + MOST_AXES + " deep",
                    "a flat array, or one nested as the shape says");
        }
        if (depth > 0) {
            counted[depth - 1]++;
        }
        counted[depth] = 0;
        return depth + 1;
    }

    private int end(int depth) {
        int axis = depth - 1;
        if (lengths[axis] == -1) {
            lengths[axis] = counted[axis];
        }
        if (lengths[axis] != counted[axis]) {
            throw HttpFailure.bad(
                    "the input's data has arrays of " + lengths[axis] + " and of " + counted[axis]
                            + " elements at depth " + depth,
                    "equal ones, as the shape says");
        }
        return axis;
    }

    private void add(int depth, float value) {
        if (axes == 0) {
            axes = depth;
        }
        if (axes != depth) {
            throw HttpFailure.bad(
                    "the input's data has numbers at depth " + axes + " and at depth " + depth,
                    "all at the same depth, as the shape says");
        }
        int place = (int) (count % PIECE);
        if (place == 0) {
            memory.take(PIECE * (long) Float.BYTES);
            pieces.add(new float[PIECE]);
        }
        pieces.get(pieces.size() - 1)[place] = value;
        counted[depth - 1]++;
        count++;
    }

    /**
     * Checks the number of elements and their nesting.
     *
     * @param elements the product of the shape
     * @throws HttpFailure 400 if they don't match the shape
     */
    void requireShape(long[] shape, long elements) {
        if (count != elements) {
            throw HttpFailure.bad(
                    "the input's data has " + count + " elements",
                    elements + ", as its shape is " + Arrays.toString(shape));
        }
        long[] nested = Arrays.copyOf(lengths, axes);
        boolean flat = axes == 1 && lengths[0] == elements;
        if (!flat && !Arrays.equals(nested, shape)) {
            throw HttpFailure.bad(
                    "the input's data is nested as " + Arrays.toString(nested),
                    "a flat array, or one nested as " + Arrays.toString(shape));
        }
    }

    @Override
    public float[] slice(long from, int wanted) {
        float[] slice = new float[wanted];
        for (int done = 0; done < wanted; ) {
            int place = (int) ((from + done) % PIECE);
            int now = Math.min(wanted - done, PIECE - place);
            System.arraycopy(pieces.get((int) ((from + done) / PIECE)), place, slice, done, now);
            done += now;
        }
        return slice;
    }
}
