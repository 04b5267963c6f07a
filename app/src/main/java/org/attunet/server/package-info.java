/** {@code attunet serve}: models behind HTTP, put together. */
@NullMarked
package org.attunet.server;

import org.jspecify.annotations.NullMarked;
