/** Trained networks as ONNX files, written without another framework and checked against libtorch. */
@NullMarked
package org.attunet.export;

import org.jspecify.annotations.NullMarked;
