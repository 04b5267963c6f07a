package org.attunet.server.inference;

import java.util.Arrays;
import java.util.List;
import org.attunet.server.http.HttpFailure;
import org.jspecify.annotations.Nullable;

/**
 * An inference request as its JSON says it, before it is held against the model.
 *
 * @param id echoed in the reply; null where none was given
 * @param spacing the parameter of that name; null where none was given
 * @param binaryOutput whether outputs are wanted as binary data unless they say otherwise
 * @param input the only input
 * @param outputs those that are wanted; empty for all
 */
record InferenceRequest(
        @Nullable String id, @Nullable String spacing, boolean binaryOutput, Input input, List<Output> outputs) {
    /** Copies the list. */
    InferenceRequest {
        outputs = List.copyOf(outputs);
    }

    /**
     * The input tensor.
     *
     * @param shape as it was given, each number 1 or more, so that their product may overflow
     * @param binarySize the bytes behind the JSON, -1 where the elements stand in it
     * @param numbers the elements that stand in the JSON, null where they are binary
     */
    record Input(
            long[] shape,
            TensorDatatype datatype,
            long binarySize,
            @Nullable JsonValues numbers) {
        /** The number of elements that the shape tells; {@link Long#MAX_VALUE} stands for too many to count. */
        long elements() {
            long product = 1;
            for (long n : shape) {
                product = n > Long.MAX_VALUE / product ? Long.MAX_VALUE : product * n;
            }
            return product;
        }

        /**
         * The elements, as many as the shape tells.
         *
         * @param start where the binary data begins in the body
         * @throws HttpFailure 400 where there are more or fewer
         */
        InputValues values(RequestBody body, long start) {
            long elements = elements();
            if (numbers != null) {
                numbers.requireShape(shape, elements);
                return numbers;
            }
            if (elements != binarySize / datatype.bytes() || binarySize % datatype.bytes() != 0) {
                throw HttpFailure.bad("the input has a binary_data_size of " + binarySize + " bytes; expected "
                        + datatype.bytes() + " bytes for each of " + elements + " elements, as it is " + datatype
                        + " of the shape " + Arrays.toString(shape));
            }
            return new InputValues.Binary(body, start, datatype);
        }
    }

    /**
     * An output that is wanted.
     *
     * @param binary whether as binary data; null for what the request says of all
     */
    record Output(String name, @Nullable Boolean binary) {}
}
