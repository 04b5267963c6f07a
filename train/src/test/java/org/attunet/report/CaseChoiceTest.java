package org.attunet.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.metrics.CaseComparison;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.Tolerance;
import org.junit.jupiter.api.Test;

class CaseChoiceTest {
    /** A case of one row in which {@code hit} of 10 true pixels are found. */
    private static CaseResult result(String name, int truth, int hit) {
        short[] wanted = new short[20];
        short[] found = new short[20];
        for (int i = 0; i < truth; i++) {
            wanted[i] = 1;
        }
        for (int i = 0; i < hit; i++) {
            found[i] = 1;
        }
        Grid grid = Grid.of(20, 1);
        return CaseComparison.compare(
                name,
                new LabelMap(grid, wanted),
                new LabelMap(grid, found),
                LabelSet.of(Map.of(1, "x")),
                Tolerance.DEFAULT);
    }

    @Test
    void best_median_and_worst_are_chosen_by_dice() {
        List<CaseResult> results = new ArrayList<>(List.of(
                result("c", 10, 5), result("a", 10, 9), result("e", 10, 0), result("d", 10, 3), result("b", 10, 7)));
        results.add(result("undefined", 0, 0));
        assertEquals("{best=a, median=c, worst=e}", CaseChoice.of(results).toString());
    }

    @Test
    void two_cases_are_best_and_worst_and_one_is_best() {
        List<CaseResult> two = List.of(result("low", 10, 2), result("high", 10, 8));
        assertEquals(Map.of("best", "high", "worst", "low"), CaseChoice.of(two));
        assertEquals(Map.of("best", "low"), CaseChoice.of(two.subList(0, 1)));
        assertEquals(Map.of(), CaseChoice.of(List.of(result("none", 0, 0))));
    }

    @Test
    void the_mean_dice_of_a_case_leaves_undefined_labels_out() {
        Double dice = CaseChoice.meanDice(result("a", 10, 6));
        assertEquals(0.75, dice == null ? Double.NaN : dice, 1e-12); // 2 * 6 / 16
        assertNull(CaseChoice.meanDice(result("none", 0, 0)));
    }
}
