package org.attunet.train;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.attunet.error.ConfigException;
import org.attunet.plan.OptimizerRule;
import org.attunet.tensor.TensorScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * An optimizer: changes parameters along their gradients. Owns its memory of earlier steps until {@link #close}.
 *
 * <p>One thread only. Checkpoints save and restore the memory bit for bit.
 */
public abstract class Optimizer implements AutoCloseable {
    private final Map<String, Tensor> parameters;
    private final Map<String, Tensor> memory = new LinkedHashMap<>();
    private final double weightDecay;

    private Optimizer(Map<String, Tensor> parameters, double weightDecay) {
        ConfigException.check(weightDecay >= 0 && weightDecay < 1, "weightDecay", weightDecay, "a number from 0 to 1");
        this.parameters = parameters;
        this.weightDecay = weightDecay;
    }

    /** The rule with its usual constants. */
    public static Optimizer of(OptimizerRule rule, Map<String, Tensor> parameters, double weightDecay) {
        return switch (rule) {
            case ADAMW -> new AdamW(parameters, weightDecay);
            case SGD -> new Sgd(parameters, 0.99, true, weightDecay);
        };
    }

    /** Gradient descent with momentum; decay is added to the gradient, as PyTorch's SGD does. */
    static Optimizer sgd(Map<String, Tensor> parameters, double momentum, boolean nesterov, double weightDecay) {
        return new Sgd(parameters, momentum, nesterov, weightDecay);
    }

    /**
     * Takes a step along the parameters' gradients.
     *
     * @param number of this step, 1 for the first
     */
    final void step(double learningRate, long number) {
        try (var scope = TensorScope.withoutGradients()) {
            parameters.forEach((name, parameter) -> {
                Tensor gradient = parameter.grad();
                if (gradient.defined()) {
                    // Biases and normalisation weights are not decayed: it would only distort their scale.
                    update(name, parameter, gradient, learningRate, parameter.dim() > 1 ? weightDecay : 0, number);
                }
            });
        }
    }

    /** Frees the gradients. */
    final void zeroGradients() {
        try (var scope = TensorScope.withoutGradients()) {
            Tensor none = new Tensor();
            parameters.values().forEach(parameter -> parameter.mutable_grad().put(none));
        }
    }

    abstract void update(String name, Tensor parameter, Tensor gradient, double rate, double decay, long number);

    /** The tensors of the memory by name. */
    final Map<String, Tensor> memory() {
        return memory;
    }

    /** Restores what {@link #memory} returned. */
    final void restore(Map<String, Tensor> saved) {
        try (var scope = TensorScope.withoutGradients()) {
            // Tensors that were not saved become 0, even if they are NaN: before the first step there were none.
            memory.values().forEach(Tensor::zero_);
            saved.forEach((name, tensor) -> {
                String parameter = name.substring(name.indexOf('.') + 1);
                remembered(name, Objects.requireNonNull(parameters.get(parameter)))
                        .copy_(tensor);
            });
        }
    }

    /** The tensor of a name in the memory; zeros in the parameter's shape at first. */
    final Tensor remembered(String name, Tensor parameter) {
        Tensor tensor = memory.get(name);
        if (tensor == null) {
            tensor = TensorScope.keep(parameter.detach().mul(new Scalar(0.0)));
            memory.put(name, tensor);
        }
        return tensor;
    }

    @Override
    public void close() {
        memory.values().forEach(TensorScope::release);
        memory.clear();
    }

    private static final class AdamW extends Optimizer {
        private static final double BETA1 = 0.9;
        private static final double BETA2 = 0.999;
        private static final double EPSILON = 1e-8;

        AdamW(Map<String, Tensor> parameters, double weightDecay) {
            super(parameters, weightDecay);
        }

        @Override
        void update(String name, Tensor parameter, Tensor gradient, double rate, double decay, long number) {
            Tensor mean = remembered("mean." + name, parameter);
            Tensor square = remembered("square." + name, parameter);
            if (decay > 0) {
                parameter.mul_(new Scalar(1 - rate * decay));
            }
            mean.lerp_(gradient, new Scalar(1 - BETA1));
            square.mul_(new Scalar(BETA2)).addcmul_(gradient, gradient, new Scalar(1 - BETA2));
            double correction = Math.sqrt(1 - Math.pow(BETA2, (double) number));
            Tensor root = square.sqrt().div_(new Scalar(correction)).add_(new Scalar(EPSILON));
            parameter.addcdiv_(mean, root, new Scalar(-rate / (1 - Math.pow(BETA1, (double) number))));
            root.close();
        }
    }

    private static final class Sgd extends Optimizer {
        private final double momentum;
        private final boolean nesterov;

        Sgd(Map<String, Tensor> parameters, double momentum, boolean nesterov, double weightDecay) {
            super(parameters, weightDecay);
            this.momentum = momentum;
            this.nesterov = nesterov;
        }

        @Override
        void update(String name, Tensor parameter, Tensor gradient, double rate, double decay, long number) {
            Tensor direction = decay > 0 ? gradient.add(parameter, new Scalar(decay)) : gradient;
            Tensor velocity = remembered("velocity." + name, parameter);
            velocity.mul_(new Scalar(momentum)).add_(direction);
            Tensor change = nesterov ? direction.add(velocity, new Scalar(momentum)) : velocity;
            parameter.add_(change, new Scalar(-rate));
        }
    }
}
