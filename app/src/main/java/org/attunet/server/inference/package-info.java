/** The Open Inference Protocol, version 2, over HTTP, with tensors as JSON and as binary data. */
@NullMarked
package org.attunet.server.inference;

import org.jspecify.annotations.NullMarked;
