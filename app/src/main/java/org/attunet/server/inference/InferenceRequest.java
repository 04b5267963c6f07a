package org.attunet.server.inference;

import java.util.Arrays;
import java.util.List;
import org.attunet.server.http.HttpFailure;
import org.jspecify.annotations.Nullable;

/**
 * An inference request as parsed from its JSON, not yet compared with the model.
 *
 * @param id echoed in the response; null if there is none
 * @param spacing the request parameter {@code spacing}; null if there is none
 * @param input the only input
 * @param outputs the requested outputs, one or more
 */
record InferenceRequest(@Nullable String id, @Nullable String spacing, Input input, List<Output> outputs) {
    /** The elements of the input tensor in row-major order. */
    interface Elements {
        /**
         * Returns a copy of some elements.
         *
         * @throws HttpFailure 400 if one is not a finite number
         */
        float[] slice(long from, int count);
    }

    /** A requested output, as binary data or in the JSON. */
    record Output(String name, boolean binary) {}

    /**
     * The input tensor.
     *
     * @param shape as given; each number is 1 or more, and their product may overflow
     * @param binarySize the number of bytes behind the JSON, -1 if the elements are in the JSON
     * @param values the elements from the JSON, null if they are binary
     */
    record Input(
            long[] shape,
            TensorDatatype datatype,
            long binarySize,
            @Nullable JsonValues values) {
        /**
         * Returns the elements, as many as the shape demands.
         *
         * @param start the length of the JSON, which is the offset of the binary data in the body
         * @throws HttpFailure 400 if there are more or fewer
         */
        Elements elements(RequestBody body, long start) {
            long announced = Math.max(0, binarySize);
            if (announced != body.length() - start) {
                throw HttpFailure.bad(
                        "the body has " + (body.length() - start) + " bytes behind its JSON",
                        announced + ", as the input's binary_data_size says"
                                + (body.length() == start
                                        ? ", and " + InferenceResponse.HEADER_LENGTH + " with the JSON's length"
                                        : ""));
            }
            long elements = 1;
            for (long n : shape) {
                elements = n > Long.MAX_VALUE / elements ? Long.MAX_VALUE : elements * n;
            }
            if (values != null) {
                values.requireShape(shape, elements);
                return values;
            }
            if (elements != binarySize / datatype.bytes() || binarySize % datatype.bytes() != 0) {
                throw HttpFailure.bad(
                        "the input has a binary_data_size of " + binarySize + " bytes",
                        datatype.bytes() + " bytes for each of " + elements + " elements, as it is " + datatype
                                + " of the shape " + Arrays.toString(shape));
            }
            return (from, count) -> datatype.read(body, start, from, count);
        }
    }
}
