/** What every route shares: request ids, access, the words of failures, uploads, logs and metrics. */
@NullMarked
package org.attunet.server.http;

import org.jspecify.annotations.NullMarked;
