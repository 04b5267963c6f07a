package org.attunet.console;

import java.util.ArrayList;
import java.util.List;
import org.attunet.bundle.KeepLargest;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Parses {@code none}, {@code all} (all labels as one object), or values of labels such as {@code 1,2}. */
public final class KeepLargestConverter implements ITypeConverter<KeepLargest> {
    @Override
    public KeepLargest convert(String text) {
        boolean union = false;
        List<Integer> labels = new ArrayList<>();
        for (String word : text.split(",", -1)) {
            if (word.equalsIgnoreCase("all")) {
                union = true;
            } else if (word.matches("[1-9][0-9]{0,4}")) {
                labels.add(Integer.valueOf(word));
            } else if (!text.equalsIgnoreCase("none")) {
                throw new TypeConversionException("'" + text + "' is not none, all, or values of labels such as 1,2");
            }
        }
        return new KeepLargest(union, labels);
    }
}
