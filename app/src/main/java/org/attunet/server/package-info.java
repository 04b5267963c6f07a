/** {@code attunet serve}: the HTTP server, assembled from its parts. */
@NullMarked
package org.attunet.server;

import org.jspecify.annotations.NullMarked;
