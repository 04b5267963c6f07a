/** Image files in, masks out: {@code /api/models}, {@code /api/segment} and {@code /api/jobs}. */
@NullMarked
package org.attunet.server.segment;

import org.jspecify.annotations.NullMarked;
