package org.attunet.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.attunet.bundle.KeepLargest;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.junit.jupiter.api.Test;

class KeepLargestChoiceTest {
    private static final LabelSet TWO = LabelSet.of(Map.of(1, "organ", 2, "lesions"));

    /** One row of labels, a digit each. */
    private static LabelMap row(String digits) {
        short[] voxels = new short[digits.length()];
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = (short) (digits.charAt(i) - '0');
        }
        return new LabelMap(Grid.of(digits.length(), 1), voxels);
    }

    private static KeepLargestChoice choice(LabelSet labels, String truth, String prediction) {
        var tally = new KeepLargestChoice.Tally(labels);
        tally.add(row(truth), row(prediction));
        return tally.choice();
    }

    @Test
    void a_label_that_gains_is_cut_and_one_of_two_objects_is_not() {
        KeepLargestChoice choice = choice(TWO, "111100002200220", "111100102200220");
        assertThat(choice.chosen()).isEqualTo(new KeepLargest(false, List.of(1)));
        assertThat(choice.before().get(1)).isCloseTo(8.0 / 9, within(1e-12));
        assertThat(choice.after().get(1)).isEqualTo(1);
        assertThat(choice.after().get(2)).isEqualTo(1);
        // the union's largest component is the organ: the lesions would be lost
        assertThat(choice.trials()).hasSize(3);
        assertThat(choice.trials().get(0).kept()).isFalse();
    }

    @Test
    void all_labels_together_are_cut_where_each_of_them_gains() {
        KeepLargestChoice choice = choice(TWO, "001122000000000", "001122000100020");
        assertThat(choice.chosen()).isEqualTo(new KeepLargest(true, List.of()));
        assertThat(choice.after()).containsEntry(1, 1.0).containsEntry(2, 1.0);
    }

    @Test
    void what_changes_nothing_is_not_chosen_and_a_single_label_has_no_union() {
        LabelSet one = LabelSet.of(Map.of(1, "organ"));
        assertThat(choice(one, "0111000", "0111000").chosen()).isEqualTo(KeepLargest.NONE);
        KeepLargestChoice cut = choice(one, "0111000", "0111010");
        assertThat(cut.chosen()).isEqualTo(new KeepLargest(false, List.of(1)));
        assertThat(cut.trials()).hasSize(1);
    }
}
