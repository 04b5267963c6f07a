/** The Open Inference Protocol, version 2, over HTTP, with tensors in JSON and in binary. */
@NullMarked
package org.attunet.server.inference;

import org.jspecify.annotations.NullMarked;
