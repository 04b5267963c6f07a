package org.attunet.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.attunet.plan.OptimizerRule;
import org.attunet.tensor.TensorScope;
import org.attunet.tensor.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OptimizerTest {
    @ParameterizedTest
    @EnumSource(OptimizerRule.class)
    void ten_steps_equal_pytorch(OptimizerRule rule) throws IOException {
        JsonNode fixture =
                new ObjectMapper().readTree(OptimizerTest.class.getResourceAsStream("/losses/optimizers.json"));
        try (var scope = TensorScope.open()) {
            Map<String, Tensor> parameters = new LinkedHashMap<>();
            parameters.put(
                    "weight", Tensors.of(floats(fixture.get("weight")), 3, 4).requires_grad_(true));
            parameters.put("bias", Tensors.of(floats(fixture.get("bias")), 3).requires_grad_(true));
            Tensor x = Tensors.of(floats(fixture.get("x")), 7, 4);
            try (Optimizer optimizer = Optimizer.of(rule, parameters, 0.05)) {
                for (int step = 1; step <= 10; step++) {
                    optimizer.zeroGradients();
                    Tensor y = x.matmul(parameters.get("weight").t()).add(parameters.get("bias"));
                    y.pow(new Scalar(2.0)).sum(1).sqrt().mean().backward();
                    optimizer.step(0.01, step);
                }
            }
            JsonNode after = fixture.get("after").get(rule.name().toLowerCase(Locale.ROOT));
            parameters.forEach((name, tensor) -> assertThat(Tensors.toFloats(tensor))
                    .as(name)
                    .containsExactly(floats(after.get(name)), within(2e-6f)));
        }
    }

    private static float[] floats(JsonNode array) {
        float[] values = new float[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) array.get(i).asDouble();
        }
        return values;
    }
}
