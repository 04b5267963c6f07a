package org.attunet.dataset;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.attunet.image.Grid;

/** Grid sizes as a message writes them. */
final class Sizes {
    private Sizes() {}

    /** Such as {@code 40 x 56 x 40}. */
    static String text(Grid grid) {
        return Arrays.stream(grid.size()).mapToObj(Integer::toString).collect(Collectors.joining(" x "));
    }
}
