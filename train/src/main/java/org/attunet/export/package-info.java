/** Exports trained networks as ONNX files and bundles, checked against libtorch, and quantises them to 8 bits. */
@NullMarked
package org.attunet.export;

import org.jspecify.annotations.NullMarked;
