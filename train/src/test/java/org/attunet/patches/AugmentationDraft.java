package org.attunet.patches;

import java.util.function.Consumer;

/** Mutable values of an augmentation, documented at {@link Augmentation}. */
final class AugmentationDraft {
    double flip;
    int mirroredAxes;
    double quarterTurn;
    RandomRange rotation;
    RandomRange scaling;
    RandomRange brightness;
    RandomRange shift;
    RandomRange contrast;
    RandomRange gamma;
    RandomRange noise;
    RandomRange blur;
    RandomRange lowResolution;
    RandomRange field;

    private AugmentationDraft(Augmentation from) {
        flip = from.flip();
        mirroredAxes = from.mirroredAxes();
        quarterTurn = from.quarterTurn();
        rotation = from.rotation();
        scaling = from.scaling();
        brightness = from.brightness();
        shift = from.shift();
        contrast = from.contrast();
        gamma = from.gamma();
        noise = from.noise();
        blur = from.blur();
        lowResolution = from.lowResolution();
        field = from.field();
    }

    /** A copy with changes: {@code AugmentationDraft.of(augmentation, a -> a.flip = 1)}. */
    static Augmentation of(Augmentation from, Consumer<AugmentationDraft> changes) {
        var a = new AugmentationDraft(from);
        changes.accept(a);
        return new Augmentation(
                a.flip,
                a.mirroredAxes,
                a.quarterTurn,
                a.rotation,
                a.scaling,
                a.brightness,
                a.shift,
                a.contrast,
                a.gamma,
                a.noise,
                a.blur,
                a.lowResolution,
                a.field);
    }
}
