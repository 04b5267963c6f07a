package org.attunet.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The charts of how open the attention gates were inside and outside the target in the course of a training. */
final class GateCurves {
    private static final double CLEARLY = 1.25;

    private GateCurves() {}

    /**
     * A chart and a sentence for each gate, as {@code figure} elements.
     *
     * @param attention of all gates, ascending by step
     */
    static String of(List<AttentionShare> attention) {
        Map<String, List<AttentionShare>> gates = new LinkedHashMap<>();
        attention.forEach(share ->
                gates.computeIfAbsent(share.gate(), g -> new ArrayList<>()).add(share));
        StringBuilder out = new StringBuilder();
        gates.values().forEach(gate -> figure(gate, out));
        return out.toString();
    }

    private static void figure(List<AttentionShare> gate, StringBuilder out) {
        AttentionShare last = gate.get(gate.size() - 1);
        String title = "Gate " + last.gate();
        out.append("<figure class=\"curve\" data-series=\"gate\"><figcaption>").append(Html.escape(title));
        out.append("</figcaption>");
        if (gate.get(0).step() < last.step()) {
            String shown = title + ": mean coefficient inside the target (solid line) and outside (dashed line)";
            double[] steps = values(gate, AttentionShare::step);
            double[] outside = values(gate, AttentionShare::outside);
            double[] inside = values(gate, AttentionShare::inside);
            out.append(new Chart(shown, steps, outside, inside, true, -1).svg());
        }
        out.append("<p class=\"note\">").append(Html.escape(sentence(last))).append("</p></figure>\n");
    }

    private static double[] values(List<AttentionShare> gate, ToDoubleFunction<AttentionShare> value) {
        return gate.stream().mapToDouble(value).toArray();
    }

    /** A validation in plain words. */
    static String sentence(AttentionShare share) {
        double ratio = share.inside() / Math.max(1e-6, share.outside());
        String meaning = ratio >= CLEARLY
                ? ": it attends to the target."
                : ratio <= 1 / CLEARLY
                        ? ": it attends to what surrounds the target, not to the target itself."
                        : ": it hardly distinguishes the target from the rest.";
        return String.format(
                Locale.ROOT,
                "Lets through %.2f of the signal inside the target and %.2f outside%s",
                share.inside(),
                share.outside(),
                meaning);
    }
}
