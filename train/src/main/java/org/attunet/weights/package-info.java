/** Reads and writes weights as PyTorch's {@code .pt} and safetensors files, and recognises their architecture. */
package org.attunet.weights;
