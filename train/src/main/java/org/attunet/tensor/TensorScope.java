package org.attunet.tensor;

import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.jspecify.annotations.Nullable;

/**
 * The lifetime of the tensors of one step: every native object made by this thread while the scope is open is freed when
 * it closes, unless it was kept with {@link #keep}.
 *
 * <p>Scopes nest and belong to the thread that opened them. Only Java values and kept tensors leave a scope.
 */
public final class TensorScope implements AutoCloseable {
    private final PointerScope scope;
    private final @Nullable AutoGradMode gradients;

    private TensorScope(boolean recording) {
        Natives.load();
        // Made before the scope, so that the mode is restored after the scope's tensors are gone.
        gradients = recording ? null : new AutoGradMode(false);
        scope = new PointerScope();
    }

    /** Opens a scope in which operations are recorded for differentiation, in the thread's mode. */
    public static TensorScope open() {
        return new TensorScope(true);
    }

    /** Opens a scope in which nothing is recorded: for inference, and for changing parameters. */
    public static TensorScope withoutGradients() {
        return new TensorScope(false);
    }

    /**
     * Makes an object outlive every scope of this thread; its owner frees it with {@link #release}.
     *
     * @return the same object
     */
    public static <P extends Pointer> P keep(P pointer) {
        return pointer.retainReference();
    }

    /** Frees an object that was kept. */
    public static void release(Pointer pointer) {
        pointer.releaseReference();
    }

    @Override
    public void close() {
        scope.close();
        if (gradients != null) {
            gradients.close();
        }
    }
}
