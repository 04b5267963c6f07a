/** Weights in files: PyTorch's {@code .pt} and safetensors in and out, and the architecture behind a set of names. */
package org.attunet.weights;
