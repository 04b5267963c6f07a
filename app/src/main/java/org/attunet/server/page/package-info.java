/** What people open in a browser: the viewer at {@code /}, the samples that it offers, and the API's pages at {@code /docs}. */
@NullMarked
package org.attunet.server.page;

import org.jspecify.annotations.NullMarked;
