package org.attunet.loss;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.attunet.error.ConfigException;
import org.attunet.image.LabelSet;
import org.attunet.ranks.ProcessGroup;
import org.attunet.tensor.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A loss: a number that is smaller the better logits agree with a target.
 *
 * <p>Logits are (B, K, [D,] H, W). With K = 1 they are one label's, through a sigmoid; else those of classes, through a
 * softmax, with class 0 the background. The target is (B, [D,] H, W) of class indices in int64, 0 to K - 1 (0 and 1
 * if K is 1), or {@link LabelSet#IGNORED} where the truth isn't known: such voxels count in no term. A target of the logits'
 * own shape holds 0 or 1 for each of K labels that may overlap, each through a sigmoid. Results are scalars in float32,
 * differentiable, in the caller's scope; 0 if no voxel is judged.
 */
public sealed interface Loss {
    /** The loss of a batch. */
    default Tensor of(Tensor logits, Tensor target) {
        return of(logits, target, Part.whole(logits, target));
    }

    /**
     * The loss of one rank's part of a batch. Overlaps are those of the whole batch, the same on all ranks; means over
     * voxels are the part's, over the share of the whole batch's voxels that is judged. The ranks' losses, weighted by
     * their shares of the patches, add up to the loss of the batch, and so do their gradients.
     */
    Tensor of(Tensor logits, Tensor target, Part part);

    /**
     * A part of a batch.
     *
     * @param ranks over which overlaps are summed
     * @param mask 1 where a voxel of the part is judged, else 0, (B, 1, [D,] H, W); null if all of the whole batch are
     * @param judged the share of the whole batch's voxels that is judged, 0 to 1
     */
    record Part(ProcessGroup ranks, @Nullable Tensor mask, double judged) {
        /** @param classes (B, [D,] H, W) in int64 */
        public static Part of(Tensor classes, double judged, ProcessGroup ranks) {
            Tensor mask = judged == 1
                    ? null
                    : classes.ne(new Scalar((long) LabelSet.IGNORED))
                            .unsqueeze(1)
                            .to(ScalarType.Float);
            return new Part(ranks, mask, judged);
        }

        /** The whole batch; of labels that may overlap, all is judged. */
        private static Part whole(Tensor logits, Tensor target) {
            return logits.dim() == target.dim()
                    ? new Part(ProcessGroup.alone(), null, 1)
                    : of(target, judged(target) / (double) target.numel(), ProcessGroup.alone());
        }

        /** The number of a target's voxels that are judged. */
        public static long judged(Tensor target) {
            return target.ne(new Scalar((long) LabelSet.IGNORED)).sum().item_long();
        }

        /** The mean over this part's voxels, as if as many were judged here as in the whole batch; (B, C, [D,] H, W). */
        private Tensor mean(Tensor each) {
            return mask == null ? each.mean() : each.mul(mask).mean().div(new Scalar(judged == 0 ? 1 : judged));
        }
    }

    /** The words that {@link #parse} takes for this loss. */
    String text();

    /** Cross-entropy: binary with a sigmoid if K is 1, else over the classes. Mean over the judged voxels. */
    record CrossEntropy() implements Loss {
        @Override
        public Tensor of(Tensor logits, Tensor target, Part part) {
            return part.mask == null
                    ? surprise(logits, target, torch.Reduction.Mean)
                    : part.mean(surprise(logits, target, torch.Reduction.None));
        }

        @Override
        public String text() {
            return "ce";
        }
    }

    /**
     * Soft Dice over the whole batch for each label (Milletari et al., arXiv 1606.04797; the batch form of nnU-Net):
     * 1 - mean of 2 |p t| / (|p| + |t|). The background is left out, and so is a label that the target lacks: a network
     * gets no reward for leaving out what isn't there; its false positives count in the cross-entropy.
     */
    record Dice() implements Loss {
        @Override
        public Tensor of(Tensor logits, Tensor target, Part part) {
            return new Tversky(0.5, 0.5).of(logits, target, part);
        }

        @Override
        public String text() {
            return "dice";
        }
    }

    /**
     * Tversky loss (Salehi et al., arXiv 1706.05721): 1 - mean of TP / (TP + a FP + b FN), labels as in {@link Dice}.
     *
     * @param alpha weight of false positives, 0 to 1
     * @param beta weight of false negatives, 0 to 1
     */
    record Tversky(double alpha, double beta) implements Loss {
        public Tversky {
            inUnitRange("alpha", alpha);
            inUnitRange("beta", beta);
        }

        @Override
        public Tensor of(Tensor logits, Tensor target, Part part) {
            return absentLeftOut(1, logits, target, part);
        }

        /** Mean over the labels of the target of (1 - index)^power. */
        Tensor absentLeftOut(double power, Tensor logits, Tensor target, Part part) {
            Overlap o = Overlap.of(logits, target, part.mask).over(part.ranks);
            Tensor falsePositives = o.predicted.sub(o.both);
            Tensor falseNegatives = o.truth.sub(o.both);
            Tensor denominator = o.both.add(falsePositives, new Scalar(alpha)).add(falseNegatives, new Scalar(beta));
            Tensor index = o.both.add(new Scalar(SMOOTH)).div(denominator.add(new Scalar(SMOOTH))); // (labels)
            Tensor present = o.truth.gt(new Scalar(0.0)).to(Tensors.type(logits));
            // Away from 0, at which a root has no derivative.
            Tensor distance = index.neg().add(new Scalar(1 + 1e-7));
            Tensor each = (power == 1 ? distance : distance.pow(new Scalar(power))).mul(present);
            return each.sum().div(present.sum().clamp_min(new Scalar(1.0)));
        }

        @Override
        public String text() {
            return "tversky(" + alpha + "," + beta + ")";
        }
    }

    /**
     * Focal Tversky loss (Abraham and Khan, arXiv 1810.07842): the mean of (1 - Tversky index)^(1 / gamma).
     *
     * @param gamma 1 to 3; above 1 favours labels that are still poor
     */
    record FocalTversky(double alpha, double beta, double gamma) implements Loss {
        public FocalTversky {
            inUnitRange("alpha", alpha);
            inUnitRange("beta", beta);
            ConfigException.check(gamma >= 1 && gamma <= 3, "gamma", gamma, "a number from 1 to 3");
        }

        @Override
        public Tensor of(Tensor logits, Tensor target, Part part) {
            return new Tversky(alpha, beta).absentLeftOut(1 / gamma, logits, target, part);
        }

        @Override
        public String text() {
            return "focal-tversky(" + alpha + "," + beta + "," + gamma + ")";
        }
    }

    /**
     * Focal loss (Lin et al., arXiv 1708.02002): cross-entropy weighted by (1 - p)^gamma, p the probability of the true
     * class. Mean over the judged voxels.
     *
     * @param gamma 0 to 5; 0 is cross-entropy
     */
    record Focal(double gamma) implements Loss {
        public Focal {
            ConfigException.check(gamma >= 0 && gamma <= 5, "gamma", gamma, "a number from 0 to 5");
        }

        @Override
        public Tensor of(Tensor logits, Tensor target, Part part) {
            Tensor surprise = surprise(logits, target, torch.Reduction.None);
            Tensor doubt = surprise.neg().exp().neg().add(new Scalar(1.0)).clamp_min(new Scalar(1e-6));
            return part.mean(doubt.pow(new Scalar(gamma)).mul(surprise));
        }

        @Override
        public String text() {
            return "focal(" + gamma + ")";
        }
    }

    /** A weighted sum. */
    record Sum(List<Term> terms) implements Loss {
        /** One summand; the weight is above 0. */
        public record Term(double weight, Loss loss) {
            public Term {
                ConfigException.check(weight > 0, "loss weight", weight, "a number above 0");
            }
        }

        public Sum {
            terms = List.copyOf(terms);
            ConfigException.check(!terms.isEmpty(), "loss", "an empty sum", "one term or more");
        }

        @Override
        public Tensor of(Tensor logits, Tensor target, Part part) {
            Tensor sum = terms.get(0)
                    .loss()
                    .of(logits, target, part)
                    .mul(new Scalar(terms.get(0).weight()));
            for (Term term : terms.subList(1, terms.size())) {
                sum = sum.add(term.loss().of(logits, target, part), new Scalar(term.weight()));
            }
            return sum;
        }

        @Override
        public String text() {
            return terms.stream()
                    .map(term -> (term.weight() == 1 ? "" : term.weight() + "*")
                            + term.loss().text())
                    .collect(Collectors.joining("+"));
        }
    }

    /** Dice + cross-entropy, the default. */
    static Loss standard() {
        return new Sum(List.of(new Sum.Term(1, new Dice()), new Sum.Term(1, new CrossEntropy())));
    }

    /**
     * Reads words such as {@code dice+ce}, {@code 0.5*dice+focal(2)}, {@code tversky(0.3,0.7)} or
     * {@code focal-tversky(0.3,0.7,1.33)}.
     */
    static Loss parse(String text) {
        List<Sum.Term> terms = new ArrayList<>();
        for (String word : text.toLowerCase(Locale.ROOT).replace(" ", "").split("\\+", -1)) {
            int star = word.indexOf('*');
            double weight = star < 0 ? 1 : number(text, word.substring(0, star));
            terms.add(new Sum.Term(weight, single(text, word.substring(star + 1))));
        }
        return terms.size() == 1 && terms.get(0).weight() == 1 ? terms.get(0).loss() : new Sum(terms);
    }

    private static Loss single(String text, String word) {
        int open = word.indexOf('(');
        String name = open < 0 ? word : word.substring(0, open);
        List<Double> numbers = new ArrayList<>();
        if (open >= 0 && word.endsWith(")")) {
            for (String part : word.substring(open + 1, word.length() - 1).split(",", -1)) {
                numbers.add(number(text, part));
            }
        }
        return switch (name + "/" + numbers.size()) {
            case "ce/0" -> new CrossEntropy();
            case "dice/0" -> new Dice();
            case "focal/0" -> new Focal(2);
            case "focal/1" -> new Focal(numbers.get(0));
            case "tversky/0" -> new Tversky(0.3, 0.7);
            case "tversky/2" -> new Tversky(numbers.get(0), numbers.get(1));
            case "focal-tversky/0" -> new FocalTversky(0.3, 0.7, 4.0 / 3);
            case "focal-tversky/3" -> new FocalTversky(numbers.get(0), numbers.get(1), numbers.get(2));
            default ->
                throw new ConfigException(
                        "loss",
                        text,
                        "a sum of ce, dice, focal(gamma), tversky(alpha,beta), focal-tversky(alpha,beta,gamma)");
        };
    }

    private static double number(String text, String part) {
        try {
            return Double.parseDouble(part);
        } catch (NumberFormatException e) {
            throw new ConfigException("loss", text, "numbers such as 0.5 in place of '" + part + "'");
        }
    }

    /** -log p of the true class, (B, 1 or labels, [D,] H, W) or reduced; of voxels without a judgement something finite. */
    private static Tensor surprise(Tensor logits, Tensor target, torch.Reduction reduction) {
        if (isIndependent(logits, target)) {
            return torch.binary_cross_entropy_with_logits(
                    logits, ofEach(logits, target), new TensorOptional(), new TensorOptional(), reduction.value);
        }
        Tensor each =
                torch.cross_entropy_loss(logits, target, new TensorOptional(), reduction.value, LabelSet.IGNORED, 0.0);
        return reduction == torch.Reduction.None ? each.unsqueeze(1) : each;
    }

    private static void inUnitRange(String name, double value) {
        ConfigException.check(value >= 0 && value <= 1, name, value, "a number from 0 to 1");
    }

    /** Whether each output is a label of its own, through a sigmoid. */
    private static boolean isIndependent(Tensor logits, Tensor target) {
        return logits.size(1) == 1 || logits.dim() == target.dim();
    }

    /** The target of independent outputs in the logits' shape and type. */
    private static Tensor ofEach(Tensor logits, Tensor target) {
        Tensor each =
                logits.dim() == target.dim() ? target : target.unsqueeze(1).eq(new Scalar(1L));
        return each.to(Tensors.type(logits));
    }

    /** Keeps a quotient of small numbers finite, in voxels. */
    double SMOOTH = 1e-3;

    /** Sums over the batch and all voxels for each label: (labels). */
    record Overlap(Tensor both, Tensor predicted, Tensor truth) {
        /** @param mask 1 where a voxel is judged; null if all are */
        static Overlap of(Tensor logits, Tensor target, @Nullable Tensor mask) {
            long classes = logits.size(1);
            long[] axes =
                    LongStream.range(0, logits.dim()).filter(axis -> axis != 1).toArray(); // but the channels
            Tensor probability;
            Tensor truth;
            if (isIndependent(logits, target)) {
                probability = logits.sigmoid();
                truth = ofEach(logits, target);
            } else {
                probability = logits.softmax(1).narrow(1, 1, classes - 1);
                truth = oneHot(target, classes).to(Tensors.type(logits));
            }
            var type = new ScalarTypeOptional();
            probability = mask == null ? probability : probability.mul(mask);
            return new Overlap(
                    probability.mul(truth).sum(axes, false, type),
                    probability.sum(axes, false, type),
                    truth.sum(axes, false, type));
        }

        /** Over the batches of all ranks. */
        Overlap over(ProcessGroup ranks) {
            if (ranks.count() == 1) {
                return this;
            }
            long labels = both.size(0);
            Tensor sums = ranks.summed(
                    torch.cat(new TensorVector(both, predicted, truth), 0).to(ScalarType.Double));
            Tensor own = sums.to(Tensors.type(both));
            return new Overlap(
                    own.narrow(0, 0, labels), own.narrow(0, labels, labels), own.narrow(0, 2 * labels, labels));
        }

        private static Tensor oneHot(Tensor target, long classes) {
            long[] shape = new long[(int) target.dim() + 1];
            Arrays.fill(shape, 1);
            shape[1] = classes - 1;
            Tensor numbers = torch.arange(new Scalar(1L), new Scalar(classes), new TensorOptions(ScalarType.Long))
                    .to(target.device(), ScalarType.Long)
                    .reshape(shape);
            return target.unsqueeze(1).eq(numbers);
        }
    }
}
