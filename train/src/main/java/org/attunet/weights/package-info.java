/** Weights in files: PyTorch's {@code .pt} and safetensors in and out, and the architecture behind a set of names. */
@NullMarked
package org.attunet.weights;

import org.jspecify.annotations.NullMarked;
