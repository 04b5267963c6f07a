package org.attunet.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.attunet.network.NetworkConfig;
import org.attunet.tensor.TensorScope;
import org.attunet.tensor.Tensors;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In autocast, convolutions compute in bfloat16 on the CPU too, which {@code torch.convolution} itself would not. */
class AutocastTest {
    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void convolutions_compute_in_bfloat16(int dimension) {
        NetworkConfig config = NetworkConfig.attUNet(dimension, 1, 1).withWidths(List.of(4, 8));
        long[] shape = dimension == 2 ? new long[] {1, 1, 8, 8} : new long[] {1, 1, 8, 8, 8};
        try (TorchNetwork network = TorchNetwork.create(config, 1);
                var scope = TensorScope.open()) {
            torch.set_autocast_dtype(DeviceType.CPU, ScalarType.BFloat16);
            torch.set_autocast_enabled(DeviceType.CPU, true);
            try {
                var logits = network.forward(torch.ones(shape), Mode.TRAINING).logits();
                assertThat(Tensors.type(logits)).isEqualTo(ScalarType.BFloat16);
            } finally {
                torch.set_autocast_enabled(DeviceType.CPU, false);
            }
        }
    }
}
