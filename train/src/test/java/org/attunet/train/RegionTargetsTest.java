package org.attunet.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.attunet.image.LabelSet;
import org.attunet.tensor.TensorScope;
import org.attunet.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class RegionTargetsTest {
    @Test
    void each_voxel_is_in_the_regions_that_cover_its_value() {
        LabelSet labels = LabelSet.regions(List.of(
                new LabelSet.Region(10, "whole", Set.of(10, 20, 30)), new LabelSet.Region(30, "core", Set.of(20, 30))));
        try (var targets = new RegionTargets(labels, "cpu");
                var scope = TensorScope.open()) {
            Tensor regions =
                    targets.of(Tensors.ofLongs(new long[] {0, 1, 2, 3, 3, 0}, 2, 1, 3)); // 0, 10, 20; 30, 30, 0
            assertThat(regions.shape()).containsExactly(2, 2, 1, 3);
            assertThat(Tensors.toFloats(regions)).containsExactly(0, 1, 1, 0, 0, 1, 1, 1, 0, 1, 1, 0);
        }
    }
}
