package org.attunet.imagej;

import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.Set;
import org.attunet.error.AttunetException;

/**
 * What a user asks for.
 *
 * @param model the path of a bundle, or the name of one in a {@linkplain Models models folder}
 * @param outputs the results to show, one or more
 * @param mirror whether predictions of mirror images are averaged
 * @param goOn whether a macro goes on after a failure
 */
record SegmentOptions(String model, Set<Output> outputs, boolean mirror, boolean goOn) {
    static final String COMMAND = "Segment...";
    static final String MODEL = "model";
    static final String MIRROR = "mirror";
    static final String CONTINUE = "continue";

    SegmentOptions {
        outputs = Set.copyOf(outputs);
        if (outputs.isEmpty()) {
            throw new AttunetException(
                    COMMAND, "no result is asked for", "one result or more, such as labels", "choose a result");
        }
    }

    /** Reads the options of a macro. */
    static SegmentOptions ofMacro(String text) {
        Set<String> known = new LinkedHashSet<>(Set.of(MODEL, MIRROR, CONTINUE));
        for (Output output : Output.values()) {
            known.add(output.key());
        }
        MacroOptions options = MacroOptions.parse(COMMAND, text, known);
        Set<Output> outputs = EnumSet.noneOf(Output.class);
        for (Output output : Output.values()) {
            if (options.has(output.key())) {
                outputs.add(output);
            }
        }
        String model = options.required(MODEL, "a model's file or name");
        return new SegmentOptions(model, outputs, options.has(MIRROR), options.has(CONTINUE));
    }

    boolean wants(Output output) {
        return outputs.contains(output);
    }
}
