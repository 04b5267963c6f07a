/** Shared by all routes: request ids, access control, error responses, uploads, log and metrics. */
@NullMarked
package org.attunet.server.http;

import org.jspecify.annotations.NullMarked;
